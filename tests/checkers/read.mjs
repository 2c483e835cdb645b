// Reads feeds and calendars by libraries that readers of feeds and programs with calendars are made of, and prints what they hold as JSON.
// Arguments: files. A file that cannot be read gives `{ "error": … }`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The libraries lie where `tests/run` has installed them.
const installed = createRequire(`${process.env.CHECKERS}/package.json`);
const load = async (name) => {
  const module = await import(pathToFileURL(installed.resolve(name)));
  return module.default ?? module;
};
const [calendars, feeds] = [await load("ical.js"), await load("feedsmith")];

const moment = (time) => time && time.toJSDate().toISOString();

function calendar(text) {
  const component = new calendars.Component(calendars.parse(text));
  return component.getAllSubcomponents("vevent").map((part) => {
    const event = new calendars.Event(part);
    return {
      id: event.uid,
      title: event.summary,
      place: event.location ?? null,
      start: moment(event.startDate),
      end: moment(event.endDate),
      sequence: event.sequence ?? 0,
      status: part.getFirstPropertyValue("status") ?? null,
    };
  });
}

function feed(text) {
  const { feed } = feeds.parseFeed(text);
  return feed.entries.map((entry) => ({
    id: entry.id,
    title: entry.title?.value ?? entry.title,
    link: entry.links?.[0]?.href ?? null,
    updated: new Date(entry.updated).toISOString(),
  }));
}

const read = (file) => {
  try {
    const text = readFileSync(file, "utf8");
    return file.endsWith(".ics") ? calendar(text) : feed(text);
  } catch (error) {
    return { error: String(error) };
  }
};
process.stdout.write(JSON.stringify(process.argv.slice(2).map(read)));
