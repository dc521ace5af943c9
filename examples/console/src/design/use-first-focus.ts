import { type RefObject, useEffect, useRef } from "react";

/**
 * Give an element the focus when it appears.
 *
 * @param when - `lost`: only if the element that had it is gone, so that nobody who types elsewhere loses it
 */
export function useFirstFocus<Target extends HTMLElement>(
  when: "always" | "lost" = "always",
): RefObject<Target | null> {
  const ref = useRef<Target>(null);
  useEffect(() => {
    if (when === "always" || document.activeElement === document.body) {
      ref.current?.focus({ preventScroll: true });
    }
  }, [when]);
  return ref;
}
