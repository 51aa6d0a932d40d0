import { API, type Project, type Snapshot, type Symbol } from "typescript/unstable/sync";

/** Flags of the compiler's type printer: nothing shortened, an alias's own body instead of its name. */
const noTruncation = 1;
const inTypeAlias = 8_388_608;
/** Types that take less room than this stay as they are where they are mentioned. */
const namedFromLength = 60;

/** Types as the compiler understands them, written out: `z.infer<...>` becomes what it infers. */
export class FlatTypes {
  readonly #api: API;
  readonly #project: Project;

  private constructor(api: API, snapshot: Snapshot) {
    const [project] = snapshot.getProjects();
    if (project === undefined) throw new Error("the project cannot be opened");
    this.#api = api;
    this.#project = project;
  }

  /** Opens a project by the path of its tsconfig. */
  static open(config: string): FlatTypes {
    const api = new API();
    return new FlatTypes(api, api.updateSnapshot({ openProjects: [config] }));
  }

  /** The exported types of a source file of these names, as declarations. */
  write(file: string, names: ReadonlySet<string>): string {
    const { checker, program } = this.#project;
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} is no module of the project`);
    const symbols = checker.getExportsOfModule(module).filter(({ name }) => names.has(name));
    const bodies = new Map(symbols.map((symbol) => [symbol.name, this.#body(symbol)]));
    return symbols.map((symbol) => this.#declaration(symbol, bodies)).join("\n");
  }

  close(): void {
    this.#api.close();
  }

  #body(symbol: Symbol): string {
    const { checker } = this.#project;
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    return checker.typeToString(type, undefined, noTruncation | inTypeAlias);
  }

  #declaration(symbol: Symbol, bodies: ReadonlyMap<string, string>): string {
    const comment = symbol.getDocumentationComment(this.#project.checker);
    const lines = comment.split("\n").map((line) => ` * ${line}`.trimEnd());
    const doc = comment === "" ? "" : `/**\n${lines.join("\n")}\n */\n`;
    return `${doc}export type ${symbol.name} = ${withNames(symbol.name, bodies)};\n`;
  }
}

/** A type's body, in which other types that are mentioned whole stand by their names; the longest first. */
function withNames(name: string, bodies: ReadonlyMap<string, string>): string {
  const own = bodies.get(name) ?? "";
  const others = [...bodies].filter(([, body]) => body.length >= namedFromLength && body.length < own.length);
  others.sort(([, a], [, b]) => b.length - a.length);
  return others.reduce((text, [other, body]) => text.replaceAll(body, other), own);
}
