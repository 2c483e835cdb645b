// What search libraries that run in a browser make of the same pages: their index with pairs of characters as tokens, since neither cuts Chinese
// by itself. Called by `search --libraries` as `node measure.mjs LIBRARY PAGES QUERIES`, a process for each, so that memory is told apart.
//
//   PAGES    a folder with a page's words in each file, as our own index publishes them (search/p)
//   QUERIES  {"stand": [string that stands on a page…], "absent": [string that stands nowhere though all its pairs do…]}
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [library, folder, asked] = process.argv.slice(2);
const { stand, absent } = JSON.parse(readFileSync(asked, "utf8"));
const installed = createRequire(join(process.cwd(), "node_modules/"));
const fold = (text) => text.normalize("NFKC").toLowerCase();
const pages = readdirSync(folder).map((file, id) => {
  const { title, headings, lines } = JSON.parse(readFileSync(join(folder, file), "utf8"));
  return { id, text: fold([title, ...headings, ...lines].join("\n")) };
});

/** Each two characters that follow each other in a line. */
function pairs(text) {
  const found = [];
  for (const line of text.split("\n")) {
    const characters = [...line];
    for (let at = 0; at + 1 < characters.length; at++) found.push(characters[at] + characters[at + 1]);
  }
  return found;
}

const LIBRARIES = {
  MiniSearch() {
    const MiniSearch = installed("minisearch");
    const index = new MiniSearch({ fields: ["text"], tokenize: pairs, processTerm: (term) => term });
    index.addAll(pages);
    const search = (query) => index.search(query, { combineWith: "AND" }).map(({ id }) => id);
    return { search, whole: () => JSON.stringify(index) };
  },
  FlexSearch() {
    const { Index } = installed("flexsearch");
    const index = new Index({ tokenize: "strict", encode: pairs });
    for (const { id, text } of pages) index.add(id, text);
    const search = (query) => index.search(query, { limit: pages.length, suggest: false });
    const whole = () => {
      const parts = [];
      index.export((_, part) => void parts.push(part));
      return parts.join("");
    };
    return { search, whole };
  },
};

const begun = process.cpuUsage();
const { search, whole } = LIBRARIES[library]();
const used = process.cpuUsage(begun);
const packed = gzipSync(whole(), { level: 6 }).length;
const peak = process.resourceUsage().maxRSS / 1024;

let wrong = 0;
let lost = 0;
for (const query of stand.map(fold)) {
  const found = new Set(search(query));
  const right = new Set(pages.filter(({ text }) => text.includes(query)).map(({ id }) => id));
  wrong += [...found].some((id) => !right.has(id));
  lost += [...right].some((id) => !found.has(id));
}
const invented = absent.map(fold).filter((query) => search(query).length > 0).length;
console.log(
  `${library.padEnd(16)} ${((used.user + used.system) / 1e6).toFixed(2)} s of processor time, ${peak.toFixed(0)} MB, ` +
    `${(packed / 1024).toFixed(0)} KiB before the first search; pages without the string in ${wrong} and pages with it missing in ${lost} ` +
    `of ${stand.length} queries, something found for ${invented} of ${absent.length} that stand nowhere`,
);
