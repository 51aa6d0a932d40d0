import {
  type DocumentNode,
  type FieldNode,
  getNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isCompositeType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";

const mutationCost = 10;

/** One query may not cost more. */
export const costMax = 1_000;

/**
 * What Shopify charges for an operation before it runs it: an object 1, a connection or list as many as are asked for,
 * a mutation 10 (shopify.dev: GraphQL Admin API rate limits). Fragments stand after the operation.
 */
export function requestedCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const info = new TypeInfo(schema);
  const fragments = new Map<string, number>();
  let cost = 0;
  for (const definition of document.definitions.toReversed()) {
    const factors = [1];
    const factor = () => factors.at(-1) ?? 1;
    cost = 0;
    const fields = {
      enter: (field: FieldNode): void => {
        const type = info.getType();
        const size = factor() * sizeOf(field, variables);
        if (info.getParentType() === schema.getMutationType()) cost += mutationCost;
        else if (type && isCounted(type)) cost += size;
        factors.push(size);
      },
      leave: (): void => void factors.pop(),
    };
    const spread = { enter: ({ name }: { name: { value: string } }) => add(name.value) };
    const add = (name: string): void => {
      cost += factor() * (fragments.get(name) ?? 0);
    };
    visit(definition, visitWithTypeInfo(info, { Field: fields, FragmentSpread: spread }));
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, cost);
  }
  return cost;
}

/** What it charges in the end: the objects that were really there. */
export function actualCost(data: unknown, isMutation: boolean): number {
  return isMutation ? mutationCost : countObjects(data);
}

function countObjects(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((total, item) => total + countObjects(item), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce<number>((total, item) => total + countObjects(item), 1);
}

/** The wrappers around a page's nodes cost nothing of their own. */
function isCounted(type: GraphQLOutputType): boolean {
  const named = getNamedType(type);
  return isCompositeType(named) && !/(?:Connection|Edge|PageInfo)$/.test(named.name);
}

function sizeOf(field: FieldNode, variables: Readonly<Record<string, unknown>>): number {
  for (const { name, value } of field.arguments ?? []) {
    if ((name.value === "first" || name.value === "last") && value.kind === Kind.INT)
      return Number(value.value);
    const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
    if (name.value === "ids" && Array.isArray(given)) return given.length;
  }
  return 1;
}
