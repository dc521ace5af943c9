import { useEffect, useRef } from "react";
import { NavLink, useLocation } from "react-router";
import type { Draft, DraftSettings } from "../changes/draft.ts";

type Tab = {
  readonly path: string;
  readonly label: string;
  /** Settings that are changed there. */
  readonly settings: readonly (keyof DraftSettings)[];
};

const tabs: readonly Tab[] = [
  { path: "", label: "Overview", settings: [] },
  { path: "compose", label: "Compose", settings: ["dockerComposeFile", "preLaunchScript"] },
  { path: "environment", label: "Environment", settings: ["environment"] },
  { path: "resources", label: "Resources", settings: ["vcpu", "memoryMb", "diskSizeGb"] },
  { path: "visibility", label: "Visibility", settings: ["publicLogs", "publicSysinfo", "publicTcbinfo"] },
  { path: "os-image", label: "OS image", settings: ["image"] },
  { path: "history", label: "History", settings: [] },
];

type Props = { readonly cvmId: string; readonly draft: Draft | null };

/** Tabs of a CVM. A dot marks those with a setting in the draft. */
export function CvmTabs({ cvmId, draft }: Props) {
  const { pathname } = useLocation();
  const nav = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page has another tab
  useEffect(() => {
    // On a narrow screen, the tabs scroll sideways.
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [pathname]);
  return (
    <nav ref={nav} className="tabs" aria-label="Parts of the CVM">
      {tabs.map(({ path, label, settings }) => {
        const isChanged = settings.some((name) => draft?.settings[name] !== undefined);
        return (
          <NavLink key={path} to={path === "" ? `/cvms/${cvmId}` : `/cvms/${cvmId}/${path}`} end>
            {label}
            {isChanged && (
              <>
                <span className="dot" aria-hidden="true" />
                <span className="visually-hidden"> (changed)</span>
              </>
            )}
          </NavLink>
        );
      })}
    </nav>
  );
}
