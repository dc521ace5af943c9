import { type RefObject, useEffect, useRef } from "react";

/** Give an element the focus when it appears, where the element that had it is gone. */
export function useFirstFocus<Target extends HTMLElement>(): RefObject<Target | null> {
  const ref = useRef<Target>(null);
  useEffect(() => ref.current?.focus({ preventScroll: true }), []);
  return ref;
}
