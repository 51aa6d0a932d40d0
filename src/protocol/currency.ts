/** Currencies whose minor unit is not a hundredth, by how many decimals it has (ISO 4217, list one). */
const decimals: Readonly<Record<string, number>> = {
  ...fill(0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
  ...fill(3, "BHD IQD JOD KWD LYD OMR TND"),
  ...fill(4, "CLF UYW"),
};

function fill(count: number, currencies: string): Record<string, number> {
  return Object.fromEntries(currencies.split(" ").map((currency) => [currency, count]));
}

/** An amount of minor units as a decimal: 1999 EUR is "19.99", 1999 JPY is "1999". */
export function inMajorUnits(amount: number, currency: string): string {
  const places = decimals[currency] ?? 2;
  const digits = String(amount).padStart(places + 1, "0");
  return places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
