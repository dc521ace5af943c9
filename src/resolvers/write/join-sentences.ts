/** Join a message of the REST API and a sentence of the gateway. A message without a final mark gets a full stop. */
export function joinSentences(message: string | null, sentence: string): string {
  const given = message?.trim() ?? "";
  if (given === "") return sentence;
  return `${given}${/[.!?…:]$/.test(given) ? "" : "."} ${sentence}`;
}
