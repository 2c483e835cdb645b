// What an earlier page has left in the browser transfers nothing.
(() => ({
  page: document.documentElement.outerHTML,
  redirects: performance.getEntriesByType("navigation")[0].redirectCount,
  fetched: performance.getEntriesByType("resource").filter((entry) => entry.transferSize > 0).map((entry) => entry.name),
}))()
