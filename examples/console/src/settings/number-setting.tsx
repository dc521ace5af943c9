import { useEffect, useState } from "react";
import { Field } from "../design/components.tsx";

type Props = {
  readonly label: string;
  readonly hint: string;
  readonly present: number | null;
  /** Value in the draft. */
  readonly drafted: number | undefined;
  readonly min: number;
  readonly isReadOnly: boolean;
  /** Receives undefined for the present value. */
  readonly onChange: (value: number | undefined) => void;
};

/** Whole number of a setting. */
export function NumberSetting({ label, hint, present, drafted, min, isReadOnly, onChange }: Props) {
  const shown = String(drafted ?? present ?? "");
  const [text, setText] = useState(shown);
  useEffect(() => setText(shown), [shown]);
  const value = Number(text);
  const isValid = /^\d+$/.test(text) && value >= min;
  const change = (next: string) => {
    setText(next);
    const number = Number(next);
    if (!/^\d+$/.test(next) || number < min) return;
    onChange(number === present ? undefined : number);
  };
  return (
    <Field
      label={label}
      hint={hint}
      error={isValid ? null : `Enter a whole number of at least ${min}.`}
      input={{
        inputMode: "numeric",
        value: text,
        readOnly: isReadOnly,
        onChange: (event) => change(event.target.value.trim()),
        onBlur: () => isValid || setText(shown),
      }}
    />
  );
}
