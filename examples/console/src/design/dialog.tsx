import { type ReactNode, useEffect, useId, useRef } from "react";

type Props = { readonly title: string; readonly onClose: () => void; readonly children: ReactNode };

/** Dialog that keeps the focus until it is closed, also with the Escape key. */
export function Dialog({ title, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={ref} className="dialog" aria-labelledby={id} onCancel={onClose}>
      <div className="stack">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
