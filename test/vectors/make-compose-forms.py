"""Writes compose-forms.json: app-composes in the forms of real CVMs, and the same files after a change.

Run with any Python 3 from this folder: python3 make-compose-forms.py
"""

import hashlib
import json

FORMS = {
    "compact": dict(sort_keys=True, ensure_ascii=False, separators=(",", ":")),
    "indented": dict(sort_keys=True, ensure_ascii=False, indent=4, separators=(",", ":")),
    "indentedBlank": dict(sort_keys=True, ensure_ascii=False, indent=4),
    "indentedUnsorted": dict(ensure_ascii=False, indent=4),
    "oneLineEscaped": dict(),
    "indent2": dict(ensure_ascii=False, indent=2),
}

# Forms that can be found without the raw text.
KNOWN_WITHOUT_TEXT = ["compact", "indented", "indentedBlank"]

YAML = 'services:\n  app:\n    image: nginx:1.27\n    labels: {"a.b": "c"}\n'

FILES = {
    "plain": {
        "manifest_version": 2,
        "name": "demo",
        "runner": "docker-compose",
        "docker_compose_file": YAML,
        "allowed_envs": ["B", "A"],
        "features": [],
        "public_logs": True,
        "public_sysinfo": True,
    },
    "odd": {
        "version": "1.0.0",
        "name": "",
        "docker_compose_file": "# \u00fcmlaut \U0001f600 \u2028 \x7f <&> \\u00e9\n" + YAML,
        "docker_config": {"z": 1.0, "a": [1e-07, 12345678901234567890, -0.0], "\u00e9": {}},
        "salt": None,
        "public_logs": False,
        "pre_launch_script": "#!/bin/sh\necho '\t'\n",
    },
}

CHANGES = {
    "text": {"docker_compose_file": YAML + "# \u00e9 \U0001f600 <&> \x7f \\ \" \n"},
    "script": {"pre_launch_script": "echo 1\n"},
    "flag": {"public_logs": False, "public_tcbinfo": True},
    "names": {"allowed_envs": ["Z", "C"]},
    "noNames": {"allowed_envs": []},
    "emptyScript": {"pre_launch_script": ""},
}


def digest(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def main():
    cases = []
    for file_name, file in FILES.items():
        for form_name, form in FORMS.items():
            present = json.dumps(file, **form)
            for change_name, change in CHANGES.items():
                # A file in ASCII alone does not show whether its form escapes other characters.
                if (file_name, form_name, change_name) == ("plain", "oneLineEscaped", "text"):
                    continue
                changed = json.dumps({**file, **change}, **form)
                cases.append(
                    {
                        "name": f"{file_name}, {form_name}, {change_name}",
                        "text": present,
                        "sha256": digest(present),
                        "object": json.dumps(file, ensure_ascii=False, separators=(",", ":")),
                        "knownWithoutText": form_name in KNOWN_WITHOUT_TEXT,
                        "change": change,
                        "changedText": changed,
                        "changedSha256": digest(changed),
                    }
                )
    with open("compose-forms.json", "w", encoding="ascii") as out:
        out.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
