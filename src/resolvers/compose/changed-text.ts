import { editAppCompose } from "../../crypto/compose-edit.ts";
import { composeForms } from "../../crypto/compose-hash.ts";
import { CryptoError } from "../../crypto/crypto-error.ts";
import { parseJsonText, writeJsonText } from "../../crypto/json-text.ts";

/**
 * Write an app-compose with changed members. All other members keep their bytes: `JSON.stringify` would change
 * a number such as `1.0`, or an integer beyond 2^53, and so the measured file.
 *
 * @param source - the present app-compose as JSON text
 * @param changes - the new values by member name. An empty script is removed
 * @returns null if the text has a name twice, or cannot be written exactly
 */
export function writeChangedText(source: string, changes: Readonly<Record<string, unknown>>): string | null {
  try {
    return (
      editAppCompose(source, changes, "dropped") ??
      // A text without a regular layout. Its values keep their bytes on one line.
      editAppCompose(
        writeJsonText(parseJsonText("appCompose", source), composeForms.compact),
        changes,
        "dropped",
      )
    );
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}
