/** A product of the demo's shop. */
export interface Product {
  readonly sku: string;
  readonly title: string;
  /** Units on hand when the demo begins. */
  readonly onHand: number;
}

const inStock = [
  ["MUG-STN-350", "Stoneware mug, 350 ml, oat", 180],
  ["MUG-STN-350-BL", "Stoneware mug, 350 ml, dusk blue", 140],
  ["MUG-ENM-300", "Enamel mug, 300 ml, white", 220],
  ["CUP-ESP-80", "Espresso cup, 80 ml, set of two", 90],
  ["BOWL-OAK-24", "Oak salad bowl, 24 cm", 45],
  ["BOWL-CER-14", "Cereal bowl, 14 cm, speckled", 160],
  ["PLATE-STN-21", "Side plate, 21 cm, oat", 150],
  ["PLATE-STN-27", "Dinner plate, 27 cm, oat", 150],
  ["POT-TEA-900", "Cast iron teapot, 900 ml", 40],
  ["KETTLE-GSN-1L", "Gooseneck kettle, 1 l, matt black", 60],
  ["DRIP-CER-02", "Ceramic coffee dripper, size 02", 110],
  ["FILTER-02-100", "Paper filters, size 02, 100 sheets", 600],
  ["GRIND-HND-30", "Hand coffee grinder, 30 g", 55],
  ["SCALE-KIT-2K", "Kitchen scale, 2 kg, 0.1 g steps", 70],
  ["BOARD-ASH-40", "Ash chopping board, 40 cm", 85],
  ["KNIFE-PAR-09", "Paring knife, 9 cm", 130],
  ["KNIFE-CHF-20", "Chef's knife, 20 cm", 65],
  ["TOWEL-LIN-2", "Linen tea towels, set of two", 240],
  ["APRON-CAN-NV", "Canvas apron, navy", 75],
  ["APRON-CAN-OL", "Canvas apron, olive", 75],
  ["JAR-GLS-500", "Storage jar, 500 ml, cork lid", 260],
  ["JAR-GLS-1L", "Storage jar, 1 l, cork lid", 210],
  ["CANDLE-BEE-20", "Beeswax candle, 20 cm, pair", 320],
  ["CANDLE-SOY-FIG", "Soy candle, fig", 140],
  ["CANDLE-SOY-CED", "Soy candle, cedar", 140],
  ["HOLDER-BRS-1", "Brass candle holder", 95],
  ["VASE-GLS-18", "Bud vase, 18 cm, smoke", 120],
  ["THROW-WOL-GR", "Wool throw, 130 x 180 cm, grey", 38],
  ["THROW-WOL-RU", "Wool throw, 130 x 180 cm, rust", 36],
  ["CUSH-LIN-45", "Linen cushion cover, 45 cm, sand", 170],
  ["CUSH-VEL-45", "Velvet cushion cover, 45 cm, moss", 130],
  ["BASKET-SEA-S", "Seagrass basket, small", 100],
  ["BASKET-SEA-L", "Seagrass basket, large", 48],
  ["HOOK-BCH-3", "Beech wall hooks, set of three", 190],
  ["CLOCK-WAL-30", "Wall clock, 30 cm, birch", 42],
  ["LAMP-DSK-BK", "Desk lamp, black", 58],
  ["BULB-LED-E27", "Filament bulb, E27, 4 W", 500],
  ["NOTE-A5-DOT", "Notebook A5, dotted, 160 pages", 420],
  ["NOTE-A5-LIN", "Notebook A5, ruled, 160 pages", 420],
  ["PEN-BRS-07", "Brass pen, 0.7 mm", 150],
  ["PENCIL-HB-12", "Pencils HB, box of twelve", 380],
  ["CARD-LET-8", "Letterpress cards, set of eight", 260],
  ["WRAP-KRA-5M", "Kraft wrapping paper, 5 m", 300],
  ["TWINE-JUT-50", "Jute twine, 50 m", 340],
  ["SOAP-OLV-100", "Olive soap, 100 g", 460],
  ["SOAP-LAV-100", "Lavender soap, 100 g", 400],
  ["BRUSH-DSH-BE", "Dish brush, beech", 310],
  ["SPONGE-LUF-3", "Loofah sponges, pack of three", 290],
] as const;

/** What people want most and what there is least of: where oversells would happen if they could. */
const scarce = [
  ["LAMP-MUSH-LTD", "Mushroom lamp, limited edition", 12],
  ["MUG-ADV-24", "Advent mug, this year's", 18],
  ["VASE-HND-01", "Hand-thrown vase, one of a few", 4],
  ["TABLE-SIDE-WAL", "Side table, walnut", 6],
  ["RUG-KIL-120", "Kilim rug, 120 x 180 cm", 5],
  ["CHAIR-RCK-OAK", "Rocking chair, oak", 3],
  ["POSTER-MAP-50", "Map poster, 50 x 70 cm, last print run", 9],
  ["BOX-TOOL-RED", "Tool box, red", 14],
  ["RADIO-TBL-70", "Table radio, cherry", 7],
  ["BLANKET-DOG-M", "Dog blanket, medium", 16],
  ["GAME-DOM-OAK", "Domino game, oak box", 11],
  ["UMBRELLA-WAX", "Waxed umbrella", 8],
] as const;

/** The demo's catalogue: 60 products, the last 12 of them scarce. */
export const catalogue: readonly Product[] = [...inStock, ...scarce].map(([sku, title, onHand]) => ({
  sku,
  title,
  onHand,
}));

/** SKUs of the scarce products. */
export const scarceSkus: readonly string[] = scarce.map(([sku]) => sku);
