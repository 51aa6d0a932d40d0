/**
 * As few of the items as possible that still pass the test, by leaving out ever smaller parts (Zeller's ddmin). `test`
 * holds for all items.
 */
export async function smallest<Item>(
  items: readonly Item[],
  test: (items: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  if (items.length === 0 || (await test([]))) return [];
  let left = items;
  for (let parts = 2; left.length > 1;) {
    const shorter = await withoutOnePart(left, parts, test);
    if (shorter !== undefined) {
      left = shorter;
      parts = Math.max(2, parts - 1);
    } else if (parts >= left.length) return left;
    else parts = Math.min(left.length, parts * 2);
  }
  return left;
}

async function withoutOnePart<Item>(
  items: readonly Item[],
  parts: number,
  test: (items: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[] | undefined> {
  // What comes last matters least: it is left out first.
  for (let part = parts - 1; part >= 0; part -= 1) {
    const from = Math.floor((part * items.length) / parts);
    const to = Math.floor(((part + 1) * items.length) / parts);
    const rest = [...items.slice(0, from), ...items.slice(to)];
    if (await test(rest)) return rest;
  }
  return undefined;
}
