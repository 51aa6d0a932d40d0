// @ts-check
/** The demo page: puts what was typed, or what stands in the address, into the badges. */
const form = document.querySelector("form");
const badges = document.querySelectorAll("stock-badge");

/** @param {string} sku @param {string} key */
function show(sku, key) {
  for (const badge of badges) {
    badge.setAttribute("key", key);
    badge.setAttribute("sku", sku);
  }
}

/** @param {FormDataEntryValue | null} value */
function textOf(value) {
  return typeof value === "string" ? value : "";
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  show(textOf(fields.get("sku")), textOf(fields.get("key")));
});

const address = new URLSearchParams(location.hash.slice(1));
const sku = address.get("sku");
const key = address.get("key");
if (sku && key) show(sku, key);
