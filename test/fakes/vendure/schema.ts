import { buildSchema } from "graphql";

/** The part of the Admin API that a stock service has to do with. Anything else is refused, as the real one would. */
export const schema = buildSchema(`
  scalar DateTime
  scalar JSON
  enum GlobalFlag { TRUE FALSE INHERIT }
  enum SortOrder { ASC DESC }
  enum HistoryEntryType { ORDER_STATE_TRANSITION ORDER_FULFILLMENT ORDER_FULFILLMENT_TRANSITION ORDER_CANCELLATION ORDER_MODIFIED }
  input StringOperators { eq: String in: [String!] }
  input IDOperators { eq: String in: [String!] }
  input DateOperators { eq: DateTime before: DateTime after: DateTime isNull: Boolean }

  type StockLevel { id: ID! updatedAt: DateTime! stockLocationId: ID! stockOnHand: Int! stockAllocated: Int! }
  type ProductVariant {
    id: ID! sku: String! name: String! trackInventory: GlobalFlag! outOfStockThreshold: Int!
    useGlobalOutOfStockThreshold: Boolean! stockLevels: [StockLevel!]!
  }
  type ProductVariantList { items: [ProductVariant!]! totalItems: Int! }
  input VariantFilter { id: IDOperators sku: StringOperators }
  input VariantSort { id: SortOrder }
  input VariantOptions { skip: Int take: Int filter: VariantFilter sort: VariantSort }

  type GlobalSettings { trackInventory: Boolean! outOfStockThreshold: Int! }
  type StockLocation { id: ID! name: String! }
  type StockLocationList { items: [StockLocation!]! totalItems: Int! }
  input LocationOptions { skip: Int take: Int }

  type OrderLine { id: ID! quantity: Int! orderPlacedQuantity: Int! productVariant: ProductVariant! }
  type Portion { orderLineId: ID! quantity: Int! }
  type Fulfillment { id: ID! state: String! lines: [Portion!]! }
  type OrderModification { id: ID! lines: [Portion!]! }
  type HistoryEntry { id: ID! type: HistoryEntryType! createdAt: DateTime! data: JSON! }
  type HistoryEntryList { items: [HistoryEntry!]! totalItems: Int! }
  input HistoryFilter { type: StringOperators }
  input HistoryOptions { skip: Int take: Int filter: HistoryFilter }
  type Order {
    id: ID! code: String! state: String! updatedAt: DateTime! orderPlacedAt: DateTime lines: [OrderLine!]!
    fulfillments: [Fulfillment!] modifications: [OrderModification!]!
    history(options: HistoryOptions): HistoryEntryList!
  }
  type OrderList { items: [Order!]! totalItems: Int! }
  input OrderFilter { updatedAt: DateOperators orderPlacedAt: DateOperators }
  input OrderSort { updatedAt: SortOrder }
  input OrderOptions { skip: Int take: Int filter: OrderFilter sort: OrderSort }

  interface ErrorResult { errorCode: String! message: String! }
  type CurrentUser { id: ID! identifier: String! }
  type InvalidCredentialsError implements ErrorResult { errorCode: String! message: String! }
  type NativeAuthStrategyError implements ErrorResult { errorCode: String! message: String! }
  union LoginResult = CurrentUser | InvalidCredentialsError | NativeAuthStrategyError

  type Query {
    productVariants(options: VariantOptions): ProductVariantList!
    globalSettings: GlobalSettings!
    stockLocations(options: LocationOptions): StockLocationList!
    orders(options: OrderOptions): OrderList!
  }
  input StockLevelInput { stockLocationId: ID! stockOnHand: Int! }
  input UpdateProductVariantInput { id: ID! stockLevels: [StockLevelInput!] }
  type Mutation {
    login(username: String!, password: String!): LoginResult!
    updateProductVariants(input: [UpdateProductVariantInput!]!): [ProductVariant]!
  }
`);
