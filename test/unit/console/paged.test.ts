import { describe, expect, it } from "vitest";
import { NoAnswerError } from "../../../src/client/errors.ts";
import { PagedList } from "../../../src/console/paged.ts";

/** A list of so many numbers in pages of 10; fails when `isDown` says so. */
function numbers(count: number, isDown: () => boolean = () => false) {
  const asked: (string | undefined)[] = [];
  const list = new PagedList<number>(async (cursor) => {
    asked.push(cursor);
    if (isDown()) throw new NoAnswerError({ request: "GET /", retryable: true, attempts: 1 });
    const first = Number(cursor ?? 0);
    const end = Math.min(count, first + 10);
    const items = Array.from({ length: end - first }, (_, at) => first + at);
    return { items, ...(end < count && { nextCursor: String(end) }) };
  });
  const idle = async () => {
    while (list.state.value.isLoading) await new Promise((resolve) => setTimeout(resolve, 0));
    return list.state.value;
  };
  return { list, asked, idle };
}

describe("a list behind cursors", () => {
  it("is loaded as far as somebody looks, and no further", async () => {
    const { list, asked, idle } = numbers(100);
    list.want(1);
    expect((await idle()).items).toHaveLength(10);
    list.want(35);
    list.want(12);
    const { items, isWhole } = await idle();
    expect(items).toEqual(Array.from({ length: 40 }, (_, at) => at));
    expect(isWhole).toBe(false);
    expect(asked).toEqual([undefined, "10", "20", "30"]);
  });

  it("knows when it is whole", async () => {
    const { list, asked, idle } = numbers(15);
    list.want(1_000);
    expect(await idle()).toMatchObject({ isWhole: true, error: undefined });
    list.want(2_000);
    await idle();
    expect(asked).toHaveLength(2);
  });

  it("keeps what it has when a page fails, and goes on from there when told to", async () => {
    let isDown = false;
    const { list, asked, idle } = numbers(30, () => isDown);
    list.want(10);
    await idle();
    isDown = true;
    list.want(30);
    const failed = await idle();
    expect(failed.items).toHaveLength(10);
    expect(failed.error?.title).toBe("No connection");
    list.want(30);
    await idle();
    expect(asked).toEqual([undefined, "10"]);
    isDown = false;
    list.retry();
    expect((await idle()).items).toHaveLength(30);
  });
});
