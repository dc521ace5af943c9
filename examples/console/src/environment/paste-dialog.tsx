import { useState } from "react";
import { Button } from "../design/components.tsx";
import { Dialog } from "../design/dialog.tsx";
import { type EnvFile, parseEnvFile } from "./env-file.ts";

type Props = { readonly onClose: () => void; readonly onPaste: (file: EnvFile) => void };

/** Fill many variables in at once. */
export function PasteDialog({ onClose, onPaste }: Props) {
  const [text, setText] = useState("");
  const file = parseEnvFile(text);
  return (
    <Dialog title="Paste an .env file" onClose={onClose}>
      <div className="field">
        <label htmlFor="env-text">Lines of NAME=value</label>
        <textarea
          id="env-text"
          className="input"
          value={text}
          spellCheck={false}
          aria-describedby="env-text-hint"
          onChange={(event) => setText(event.target.value)}
        />
        <span id="env-text-hint" className="field-hint">
          The text stays in this tab.
          {file.unreadLines.length > 0 &&
            ` No NAME=value is in line ${file.unreadLines.join(", ")}: it is left out.`}
        </span>
      </div>
      <div className="row">
        <Button look="primary" disabled={file.variables.length === 0} onClick={() => onPaste(file)}>
          Fill in
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}
