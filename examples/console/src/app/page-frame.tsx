import type { ReactNode } from "react";
import { joinClasses } from "../design/components.tsx";

type Props = {
  /** Right side of the top line. */
  readonly top?: ReactNode;
  readonly isNarrow?: boolean;
  readonly children: ReactNode;
};

/** Frame of every page: the name of the console, and the content. */
export function PageFrame({ top, isNarrow = false, children }: Props) {
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <header className="top">
        <div className="top-inner">
          <a className="brand" href="/">
            <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
              <rect x="3" y="3" width="26" height="26" rx="7" fill="currentColor" />
              <path
                d="M10 17l4.5 4.5L22.5 11"
                fill="none"
                stroke="var(--surface)"
                strokeWidth="3"
                strokeLinecap="round"
                strokeLinejoin="round"
              />
            </svg>
            CVM console
          </a>
          {top}
        </div>
      </header>
      <main id="content" className={joinClasses("page", isNarrow && "page-narrow")} tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
