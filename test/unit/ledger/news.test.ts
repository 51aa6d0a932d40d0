import { describe, expect, it } from "vitest";
import { News, type SendNews } from "../../../src/ledger/news.ts";
import type { StockEventsMessage } from "../../../src/protocol/queue.ts";
import { Clock, view } from "../feed/clock.ts";

function about(sku: string): StockEventsMessage {
  return { sku, after: { epoch: "e1", version: 0 }, entries: [], stock: view(sku, 1, 0) };
}

function setUp(sleep?: () => Promise<void>) {
  const clock = new Clock();
  const failures: unknown[] = [];
  const sent: string[][] = [];
  const news = new News({
    now: clock.now,
    sleep: sleep ?? clock.sleep,
    failed: (error) => failures.push(error),
  });
  const send: SendNews = async (messages) => {
    sent.push(messages.map(({ sku }) => sku));
  };
  return { clock, failures, sent, news, send };
}

describe("the news of many requests", () => {
  it("go at once while there are few", async () => {
    const { clock, sent, news, send } = setUp();
    await news.add([about("A")], send);
    await clock.advance(100);
    await news.add([about("B")], send);
    expect(sent).toEqual([["A"], ["B"]]);
  });

  it("go together while there are many, each once, sent by the first who waits", async () => {
    const { clock, sent, news, send } = setUp();
    await news.add([about("A")], send);
    const kept = [news.add([about("B")], send), news.add([about("C"), about("D")], send)];
    expect(kept.map((promise) => promise === undefined)).toEqual([false, true]);
    expect(sent).toEqual([["A"]]);
    await clock.advance(50);
    expect(sent).toEqual([["A"], ["B", "C", "D"]]);
  });

  it("do not wait once there are enough for a message", async () => {
    const { sent, news, send } = setUp();
    await news.add([about("A")], send);
    const many = Array.from({ length: 250 }, (_, index) => about(String(index)));
    await news.add(many, send);
    expect(sent.map((batch) => batch.length)).toEqual([1, 250]);
  });

  it("are taken over from a request that was cut off", async () => {
    const { clock, sent, news, send } = setUp(() => new Promise(() => undefined));
    await news.add([about("A")], send);
    void news.add([about("B")], send);
    await clock.advance(500);
    expect(news.add([about("C")], send)).toBeUndefined();
    await clock.advance(600);
    await news.add([about("D")], send);
    expect(sent).toEqual([["A"], ["B", "C", "D"]]);
  });

  it("that cannot be sent are reported, and hold up nothing", async () => {
    const { clock, failures, sent, news, send } = setUp();
    await news.add([about("A")], () => Promise.reject(new Error("the queue is full")));
    expect(failures).toHaveLength(1);
    await clock.advance(50);
    await news.add([about("B")], send);
    expect(sent).toEqual([["B"]]);
  });
});
