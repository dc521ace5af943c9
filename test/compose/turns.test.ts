import { describe, expect, it } from "vitest";
import { createCallerTurns } from "../../src/compose/turns.ts";

/** Turns at one place, and the order in which they start. */
function observe(limits: { readonly perCaller?: number; readonly waiting?: number } = {}) {
  const turns = createCallerTurns({ places: 1, perCaller: 4, waiting: 8, ...limits });
  const order: string[] = [];
  return {
    order,
    enter(caller: string, rank = 0): boolean {
      const turn = turns.enter(caller, rank);
      void turn?.then((hasStarted) => order.push(hasStarted ? caller : `not ${caller}`));
      return turn !== null;
    },
    async leave(caller: string, wasSlow = false) {
      await Promise.resolve();
      turns.leave(caller, wasSlow);
      await Promise.resolve();
    },
  };
}

describe("the turns of callers", () => {
  it("go round, whatever the number of files of each", async () => {
    const { order, enter, leave } = observe();
    for (const caller of ["a", "a", "a", "b", "c", "b"]) enter(caller);
    for (const caller of ["a", "b", "c", "a", "b"]) await leave(caller);
    expect(order).toEqual(["a", "b", "c", "a", "b", "a"]);
  });

  it("leave a caller behind whose file ran into the time limit", async () => {
    const { order, enter, leave } = observe();
    for (const caller of ["slow", "slow", "slow", "b"]) enter(caller);
    await leave("slow", true);
    enter("c");
    enter("c");
    for (const caller of ["b", "c", "c"]) await leave(caller);
    expect(order).toEqual(["slow", "b", "c", "c", "slow"]);
  });

  it("go to lower ranks first, and after three of them to the caller who waits longest", async () => {
    const { order, enter, leave } = observe();
    enter("running");
    for (const caller of ["long-1", "long-2"]) enter(caller, 1);
    for (const caller of ["a", "b", "c", "d", "e"]) enter(caller, 0);
    for (const caller of ["running", "a", "b", "c", "long-1", "d", "e", "long-2"]) await leave(caller);
    expect(order).toEqual(["running", "a", "b", "c", "long-1", "d", "e", "long-2"]);
  });

  it("of a higher rank are given up, the last one first, when too many wait", async () => {
    const { order, enter, leave } = observe({ waiting: 3 });
    enter("running", 3);
    expect(["a", "b"].map((caller) => enter(caller, 3))).toEqual([true, true]);
    expect(enter("c", 2)).toBe(true);
    expect(enter("d", 3)).toBe(false);
    expect(["e", "f"].map((caller) => enter(caller, 0))).toEqual([true, true]);
    expect(enter("g", 0)).toBe(true);
    expect(enter("h", 0)).toBe(false);
    for (const caller of ["running", "e", "f", "g"]) await leave(caller);
    expect(order).toEqual(["running", "not b", "not a", "not c", "e", "f", "g"]);
  });

  it("are limited for one caller and for all", async () => {
    const { enter, leave } = observe({ perCaller: 2, waiting: 3 });
    expect(["a", "a", "a", "b", "c", "d"].map((caller) => enter(caller))).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
    await leave("a");
    expect(enter("d")).toBe(true);
  });

  it("give one caller one place at a time, so that another caller finds one", async () => {
    const turns = createCallerTurns({ places: 2, perCaller: 4, waiting: 8 });
    const started: string[] = [];
    for (const caller of ["a", "a", "b"]) void turns.enter(caller, 0)?.then(() => started.push(caller));
    await Promise.resolve();
    expect(started).toEqual(["a", "b"]);
  });
});
