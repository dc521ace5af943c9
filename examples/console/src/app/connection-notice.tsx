import { Notice } from "../design/components.tsx";
import { useSession } from "../sign-in/session.tsx";
import { CONNECTION } from "./apollo.ts";
import { useKeyed } from "./keyed-store.ts";

/** Say that the live data has stopped, until the gateway is reached again. */
export function ConnectionNotice() {
  const { lost } = useSession();
  if (useKeyed(lost, CONNECTION) === null) return null;
  return (
    <Notice tone="warning" title="The connection to the gateway is lost" isLive>
      <p>What you see may be old. The console tries to connect again. A change that was sent continues.</p>
    </Notice>
  );
}
