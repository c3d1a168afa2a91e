/** Address of the stream that says when something has changed, below the dashboard's root. */
export const EVENTS_PATH = "/events";

/**
 * What a page runs where JavaScript is on. It listens while the page is seen (a browser has six
 * connections for all its tabs) and, when something has changed, fetches the same page again and
 * puts its parts in place. What the reader does is kept: what is opened, focus, text that is
 * marked or typed. Whenever that cannot be done the link says so and loads the page: a login that
 * ended, a worker that is away. Nothing but this text is run, by its hash.
 */
export const LIVE_SCRIPT = `(() => {
const byId = (id) => document.getElementById(id);
const root = document.querySelector(".brand").href;
let since = byId("refresh").dataset.at;
let source = null;
let later = 0;
let busy = false;
let due = false;
const say = (text, live) => {
  const link = byId("refresh");
  if (link.textContent !== text) link.textContent = text;
  link.toggleAttribute("data-live", live);
};
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const isUsed = () => {
  const at = document.activeElement;
  const marked = getSelection();
  const types = at !== null && byId("main").contains(at) && at.matches("input,select,textarea,button");
  return types || (marked !== null && !marked.isCollapsed);
};
const keyed = (list, keyOf) => {
  const seen = new Map();
  return new Map([...list].map((one) => {
    const key = keyOf(one);
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return [key + " " + seen.get(key), one];
  }));
};
const parts = (main) => ({
  folds: keyed(main.querySelectorAll("details"), (one) => one.querySelector("summary")?.textContent),
  links: keyed(main.querySelectorAll("a,summary"), (one) => (one.getAttribute("href") ?? "") + one.textContent),
  wide: keyed(main.querySelectorAll(".map"), () => "map"),
});
const place = (page) => {
  const old = parts(byId("main"));
  const focused = [...old.links].find(([, one]) => one === document.activeElement)?.[0];
  const scrolled = [...old.wide].map(([key, one]) => [key, one.scrollLeft]);
  for (const id of ["banners", "where", "main", "foot"])
    byId(id).replaceWith(document.adoptNode(page.getElementById(id)));
  document.title = page.title;
  const now = parts(byId("main"));
  for (const [key, one] of now.folds) if (old.folds.has(key)) one.open = old.folds.get(key).open;
  for (const [key, left] of scrolled) if (now.wide.has(key)) now.wide.get(key).scrollLeft = left;
  if (focused) now.links.get(focused)?.focus({ preventScroll: true });
};
const ask = async () => {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(location.pathname + location.search, {
      cache: "no-cache", redirect: "error", signal: AbortSignal.timeout(15000),
    });
    if (answer.ok) return new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.status !== 503 || tries === 3) throw new Error("status " + answer.status);
    await pause(2000 * (tries + 1));
  }
};
const update = async () => {
  due = true;
  if (busy) return;
  busy = true;
  try {
    while (due) {
      due = false;
      const page = await ask();
      if (page.getElementById("refresh") === null) throw new Error("another page");
      if (isUsed()) say("Changed: refresh", false);
      else {
        place(page);
        say("Live", source !== null && source.readyState === 1);
      }
    }
  } catch {
    say("Changed: refresh", false);
  }
  busy = false;
};
const close = () => {
  clearTimeout(later);
  source?.close();
  source = null;
};
const open = () => {
  close();
  if (document.hidden) return;
  source = new EventSource(new URL("${EVENTS_PATH.slice(1)}?since=" + since, root));
  source.addEventListener("open", () => {
    if (byId("refresh").textContent === "Refresh") say("Live", true);
  });
  source.addEventListener("change", ({ lastEventId }) => {
    since = lastEventId;
    update();
  });
  source.addEventListener("error", ({ target }) => {
    if (byId("refresh").textContent === "Live") say("Refresh", false);
    if (target.readyState === 2) later = setTimeout(open, 30000);
  });
};
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
open();
})();`;
