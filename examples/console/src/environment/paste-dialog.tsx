import { useState } from "react";
import { Button } from "../design/components.tsx";
import { Dialog } from "../design/dialog.tsx";

type Props = { readonly onClose: () => void; readonly onPaste: (text: string) => void };

/** Fill many variables in at once. */
export function PasteDialog({ onClose, onPaste }: Props) {
  const [text, setText] = useState("");
  return (
    <Dialog title="Paste an .env file" onClose={onClose}>
      <div className="field">
        <label htmlFor="env-text">Lines of NAME=value</label>
        <textarea
          id="env-text"
          className="input"
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
        <span className="field-hint">The text stays in this tab.</span>
      </div>
      <div className="row">
        <Button look="primary" disabled={text.trim() === ""} onClick={() => onPaste(text)}>
          Fill in
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}
