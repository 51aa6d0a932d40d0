// @ts-check
/**
 * <stock-badge sku="TEE-BLK-M" key="swk_..."> shows how many of a SKU can be sold, live. No dependencies.
 *
 * Attributes: `sku`; `key`, a publishable API key; `server`, where Stockwire runs (default: where this script came from);
 * `low`, the number at which it says how few are left (default 5); `text-in`, `text-low`, `text-out`, `text-unknown`:
 * the words, `{n}` is the number. What stands inside the element is shown until the stock is known, and when it has
 * not been known for a while. Style it with `stock-badge::part(badge)` and `::part(dot)`, or by its attribute `state`:
 * in, low, out or unknown. It fires `stock-change` with the stock as `detail`.
 */

const home = new URL(import.meta.url).origin;
const words = { in: "In stock", low: "Only {n} left", out: "Sold out", unknown: "" };
const backoffMaxMs = 30_000;
/** A socket that says nothing for so long is dead: pings come back every 15 s. */
const pingMs = 15_000;
/** What was known before a break is shown for so long, then the text inside the element. */
const offlineMs = 20_000;

const style = `
  :host { display: inline-block; font: inherit }
  [part=badge] { display: inline-flex; align-items: center; gap: .4em }
  [part=dot] { width: .6em; height: .6em; border-radius: 50%; background: var(--stock-badge-color, #767676) }
  :host([state=in]) [part=dot] { --stock-badge-color: #1a7f37 }
  :host([state=low]) [part=dot] { --stock-badge-color: #9a6700 }
  :host([state=out]) [part=dot] { --stock-badge-color: #cf222e }
  :host([state=unknown]) [part=dot] { display: none }`;

/** All badges of a page that use one server and key share a socket. */
class Line {
  /** @type {Map<string, Set<StockBadge>>} */
  badges = new Map();
  /** @type {Map<string, any>} */
  stocks = new Map();
  /** @type {WebSocket | undefined} */
  socket;
  attempts = 0;
  /** @type {number | undefined} */
  silence;

  /** @param {string} address */
  constructor(address) {
    this.address = address;
  }

  /** @param {string} sku @param {StockBadge} badge */
  add(sku, badge) {
    const others = this.badges.get(sku) ?? new Set();
    this.badges.set(sku, others.add(badge));
    const stock = this.stocks.get(sku);
    if (stock) badge.show(stock);
    if (!this.socket) this.open();
    else if (others.size === 1) this.say({ type: "subscribe", skus: [sku] });
  }

  /** @param {string} sku @param {StockBadge} badge */
  remove(sku, badge) {
    const others = this.badges.get(sku);
    others?.delete(badge);
    if (others?.size) return;
    this.badges.delete(sku);
    this.stocks.delete(sku);
    if (this.badges.size) this.say({ type: "unsubscribe", skus: [sku] });
    else this.socket?.close();
  }

  open() {
    const socket = new WebSocket(this.address);
    this.socket = socket;
    const pinger = setInterval(() => {
      if (socket.readyState === WebSocket.OPEN) socket.send("ping");
    }, pingMs);
    const alive = () => {
      clearTimeout(this.silence);
      this.silence = setTimeout(() => socket.close(), 2 * pingMs);
    };
    socket.addEventListener("open", () => {
      alive();
      const skus = [...this.badges.keys()];
      const known = [...this.stocks].map(([sku, stock]) => [sku, `${stock.epoch}.${stock.version}`]);
      if (skus.length) this.say({ type: "subscribe", skus, positions: Object.fromEntries(known) });
    });
    socket.addEventListener("message", ({ data }) => {
      alive();
      if (data === "pong") return;
      const message = JSON.parse(data);
      this.attempts = 0;
      if (message.type === "stock") this.take(message.stock);
      if (message.type === "subscribed") this.confirm(message);
      if (message.type === "error")
        console.warn("stock-badge:", message.problem.title, message.problem.detail);
    });
    socket.addEventListener("close", () => {
      clearInterval(pinger);
      clearTimeout(this.silence);
      this.socket = undefined;
      if (!this.badges.size) return;
      this.each((badge) => badge.lose());
      const waitMs = Math.min(backoffMaxMs, 500 * 2 ** this.attempts) * (0.5 + Math.random() / 2);
      this.attempts += 1;
      setTimeout(() => {
        if (!this.socket && this.badges.size) this.open();
      }, waitMs);
    });
  }

  /** @param {any} stock */
  take(stock) {
    this.stocks.set(stock.sku, stock);
    this.badges.get(stock.sku)?.forEach((badge) => badge.show(stock));
  }

  /** @param {{ skus: string[], missing: string[] }} message What was shown before a break is the truth again. */
  confirm({ skus, missing }) {
    for (const sku of skus) {
      const stock = this.stocks.get(sku);
      this.badges
        .get(sku)
        ?.forEach((badge) => (stock && !missing.includes(sku) ? badge.show(stock) : badge.hide()));
    }
  }

  /** @param {object} message */
  say(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** @param {(badge: StockBadge) => void} task */
  each(task) {
    for (const badges of this.badges.values()) badges.forEach(task);
  }
}

/** @type {Map<string, Line>} */
const lines = new Map();

export class StockBadge extends HTMLElement {
  static observedAttributes = [
    "sku",
    "key",
    "server",
    "low",
    "text-in",
    "text-low",
    "text-out",
    "text-unknown",
  ];
  #text = document.createElement("span");
  /** @type {(() => void) | undefined} */
  #leave;
  /** @type {any} */
  #stock;
  /** @type {number | undefined} */
  #losing;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = document.createElement("style");
    sheet.textContent = style;
    const badge = document.createElement("span");
    badge.setAttribute("part", "badge");
    badge.setAttribute("role", "status");
    badge.setAttribute("aria-live", "polite");
    const dot = document.createElement("span");
    dot.setAttribute("part", "dot");
    dot.setAttribute("aria-hidden", "true");
    this.#text.setAttribute("part", "text");
    badge.append(dot, this.#text);
    root.append(sheet, badge);
  }

  connectedCallback() {
    this.hide();
    this.#join();
  }

  disconnectedCallback() {
    this.#leave?.();
    this.#leave = undefined;
    clearTimeout(this.#losing);
  }

  /** @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    if (!this.isConnected || before === now) return;
    if (["sku", "key", "server"].includes(name)) {
      this.disconnectedCallback();
      this.connectedCallback();
    } else if (this.#stock) this.show(this.#stock);
    else this.hide();
  }

  #join() {
    const sku = this.getAttribute("sku");
    const key = this.getAttribute("key");
    if (!sku || !key) return;
    const server = (this.getAttribute("server") ?? home).replace(/^http/, "ws").replace(/\/$/, "");
    const address = `${server}/v1/live?key=${encodeURIComponent(key)}`;
    const line = lines.get(address) ?? new Line(address);
    lines.set(address, line);
    line.add(sku, this);
    this.#leave = () => line.remove(sku, this);
  }

  /** @param {any} stock */
  show(stock) {
    clearTimeout(this.#losing);
    const isNew = this.#stock?.version !== stock.version || this.#stock?.epoch !== stock.epoch;
    this.#stock = stock;
    const low = Number(this.getAttribute("low") ?? 5);
    const canBuy = stock.available > 0 || stock.status === "backorder";
    const state = canBuy ? (stock.available > 0 && stock.available <= low ? "low" : "in") : "out";
    this.#say(state, stock.available);
    if (isNew)
      this.dispatchEvent(new CustomEvent("stock-change", { detail: stock, bubbles: true, composed: true }));
  }

  /** The connection broke: what is shown may be old soon. */
  lose() {
    clearTimeout(this.#losing);
    this.#losing = setTimeout(() => this.hide(), offlineMs);
  }

  /** Nothing certain is known. */
  hide() {
    this.#stock = undefined;
    this.#say("unknown", 0);
  }

  /** @param {keyof typeof words} state @param {number} count */
  #say(state, count) {
    this.setAttribute("state", state);
    if (state === "unknown" && !this.hasAttribute("text-unknown")) {
      this.#text.replaceChildren(document.createElement("slot"));
      return;
    }
    const text = (this.getAttribute(`text-${state}`) ?? words[state]).replaceAll("{n}", String(count));
    // Setting the same text again would have screen readers say it again.
    if (this.#text.textContent !== text || this.#text.firstElementChild) this.#text.replaceChildren(text);
  }
}

customElements.define("stock-badge", StockBadge);
