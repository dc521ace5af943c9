import { useId } from "react";
import type { Variable } from "../changes/draft.ts";
import { Button, joinClasses } from "../design/components.tsx";
import { useFirstFocus } from "../design/use-first-focus.ts";

type Props = {
  readonly variable: Variable;
  readonly canEdit: boolean;
  readonly onChange: (change: Partial<Pick<Variable, "key" | "value" | "isRemoved" | "isTyped">>) => void;
  readonly onDrop: () => void;
};

/** One variable: its name, a new value, and a way to remove it. */
export function VariableRow({ variable, canEdit, onChange, onDrop }: Props) {
  const id = useId();
  const focus = useFirstFocus<HTMLInputElement>();
  const { key, value, isPresent, isRemoved, isTyped } = variable;
  const name = key === "" ? "the new variable" : key;
  return (
    <div className={joinClasses("variable", isRemoved && "variable-removed")}>
      <div className={joinClasses(isPresent && "variable-name")}>
        {isPresent ? (
          <code>{key}</code>
        ) : (
          <input
            {...(key === "" && { ref: focus })}
            className="input mono"
            aria-label="Name"
            placeholder="NAME"
            value={key}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => onChange({ key: event.target.value.trim() })}
          />
        )}
      </div>
      <div className="variable-value">
        {isRemoved ? (
          <p className="variable-name muted small">Will be removed.</p>
        ) : (
          canEdit && (
            <>
              <label className="visually-hidden" htmlFor={id}>
                Value of {name}
              </label>
              <input
                id={id}
                className="input mono"
                type="password"
                value={value}
                placeholder={isTyped ? "empty value" : isPresent ? "new value" : "value"}
                autoComplete="off"
                onChange={(event) => onChange({ value: event.target.value, isTyped: true })}
              />
            </>
          )
        )}
      </div>
      <div className="row">
        {canEdit && isTyped && !isRemoved && isPresent && (
          <Button look="quiet" isSmall onClick={() => onChange({ value: "", isTyped: false })}>
            Undo<span className="visually-hidden"> the new value of {name}</span>
          </Button>
        )}
        {canEdit && (
          <Button
            look="quiet"
            isSmall
            onClick={
              isPresent ? () => onChange({ isRemoved: !isRemoved, value: "", isTyped: false }) : onDrop
            }
          >
            {isRemoved ? "Keep" : "Remove"}
            <span className="visually-hidden"> {name}</span>
          </Button>
        )}
      </div>
    </div>
  );
}
