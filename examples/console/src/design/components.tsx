import { type ComponentProps, type ReactNode, useId } from "react";

/** What a colour means. */
export type Tone = "neutral" | "info" | "success" | "warning" | "danger";

/** Join the names of classes that are given. */
export function joinClasses(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}

type ButtonProps = ComponentProps<"button"> & {
  readonly look?: "primary" | "quiet" | "plain";
  readonly isSmall?: boolean;
};

/** Button. There is at most one primary button in a group. */
export function Button({
  look = "plain",
  isSmall = false,
  className,
  type = "button",
  ...props
}: ButtonProps) {
  const names = joinClasses(
    "button",
    look !== "plain" && `button-${look}`,
    isSmall && "button-small",
    className,
  );
  return <button type={type} className={names} {...props} />;
}

type CardProps = {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly isFlush?: boolean;
  readonly children: ReactNode;
};

/** Section with a heading. */
export function Card({ title, actions, isFlush = false, children }: CardProps) {
  const id = useId();
  const isNamed = title !== undefined;
  return (
    <section
      className={joinClasses("card", isFlush && "card-flush")}
      {...(isNamed && { "aria-labelledby": id })}
    >
      <div className="stack">
        {isNamed && (
          <div className="row row-apart">
            <h2 id={id}>{title}</h2>
            {actions}
          </div>
        )}
        {children}
      </div>
    </section>
  );
}

type BadgeProps = {
  readonly tone?: Tone;
  readonly isBusy?: boolean;
  readonly isPlain?: boolean;
  readonly children: ReactNode;
};

/** Short state, with a dot in its colour. */
export function Badge({ tone = "neutral", isBusy = false, isPlain = false, children }: BadgeProps) {
  const names = joinClasses("badge", `badge-${tone}`, isBusy && "badge-busy", isPlain && "badge-plain");
  return <span className={names}>{children}</span>;
}

type NoticeProps = {
  readonly tone?: Tone;
  readonly title?: ReactNode;
  /** Read out when it appears. */
  readonly isLive?: boolean;
  readonly actions?: ReactNode;
  readonly children?: ReactNode;
};

/** Message with what to do about it. */
export function Notice({ tone = "neutral", title, isLive = false, actions, children }: NoticeProps) {
  const role = isLive ? (tone === "danger" ? "alert" : "status") : undefined;
  return (
    <div className={`notice notice-${tone}`} {...(role !== undefined && { role })}>
      <div className="stack stack-small">
        {title !== undefined && <strong>{title}</strong>}
        {children}
        {actions !== undefined && <div className="row">{actions}</div>}
      </div>
    </div>
  );
}

type FieldProps = {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | null | undefined;
  readonly input: ComponentProps<"input">;
};

/** Input with its label, its hint and its error. */
export function Field({ label, hint, error, input }: FieldProps) {
  const id = useId();
  const hasError = error !== null && error !== undefined;
  const described = [hint !== undefined && `${id}-hint`, hasError && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        aria-invalid={hasError}
        {...(described !== "" && { "aria-describedby": described })}
        {...input}
      />
      {hint !== undefined && (
        <span className="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {hasError && (
        <span className="field-error" id={`${id}-error`}>
          {error}
        </span>
      )}
    </div>
  );
}

type ChoiceProps = {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly isCard?: boolean;
  readonly input: ComponentProps<"input">;
};

/** Checkbox or radio button with its label. */
export function Choice({ label, hint, isCard = false, input }: ChoiceProps) {
  const id = useId();
  return (
    <div className={joinClasses("choice", isCard && "choice-card")}>
      <input id={id} {...(hint !== undefined && { "aria-describedby": `${id}-hint` })} {...input} />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && (
          <div className="field-hint" id={`${id}-hint`}>
            {hint}
          </div>
        )}
      </div>
    </div>
  );
}

/** Names and values. What is null has no line. */
export function Facts({ items }: { readonly items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {items
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([name, value]) => (
          <FactLine key={name} name={name} value={value} />
        ))}
    </dl>
  );
}

function FactLine({ name, value }: { readonly name: string; readonly value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

type ProgressProps = { readonly label: string; readonly percent: number; readonly hasFailed?: boolean };

/** Progress from 0 to 100. */
export function ProgressBar({ label, percent, hasFailed = false }: ProgressProps) {
  return (
    <div
      className={joinClasses("progress", hasFailed && "progress-failed")}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ width: `${percent}%` }} />
    </div>
  );
}

/** Place of something that is being read. */
export function Loading({
  lines = 3,
  label = "Loading",
}: {
  readonly lines?: number;
  readonly label?: string;
}) {
  return (
    <div className="stack stack-small" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all the same
          key={line}
          className="skeleton"
          style={{ width: `${92 - ((line * 17) % 40)}%` }}
        />
      ))}
    </div>
  );
}
