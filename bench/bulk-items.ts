/** How many items of an answer to a bulk request were not done: the request itself is answered 200 whatever became of them. */
export function undoneIn(body: string): number {
  const { items = [] } = JSON.parse(body) as { items?: readonly { status: number }[] };
  return items.filter(({ status }) => status !== 200).length;
}
