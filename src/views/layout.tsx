import type { Child, FC } from "hono/jsx";
import type { Mode } from "../core/model/policy.ts";
import { formatTime } from "../core/text/format.ts";
import { pathOf, type WebStatus } from "./data.ts";
import { LIVE_SCRIPT } from "./live.ts";
import { STYLE } from "./style.ts";

/** What each mode does, for a person who sees the word for the first time. */
const MODE_WORDS: Readonly<Record<Mode, string>> = {
  observe: "observe: nothing is injected, natural failures are judged",
  sham: "sham: everything but the injection; nothing is broken",
  inject: "inject: faults are injected",
};

const NAV = [
  ["/", "Overview"],
  ["/experiments", "Experiments"],
  ["/services", "Services"],
  ["/map", "Map"],
  ["/findings", "Findings"],
  ["/risks", "Risks"],
  ["/reports", "Reports"],
] as const;

/** A link without an address leads to the page that it stands on, query included. */
const THIS_PAGE = "";

export interface PageProps {
  readonly title: string;
  readonly status: WebStatus;
  /** Path of the page's entry in the navigation. */
  readonly here: string;
  readonly children?: Child;
}

export const Page: FC<PageProps> = ({ title, status, here, children }) => (
  <Document title={`${title} · Aftershock`}>
    <a class="skip" href="#main">
      Skip to content
    </a>
    <header class="top">
      <div class="wrap">
        <a class="brand" href="/">
          <Wave />
          Aftershock
        </a>
        <nav class="nav" aria-label="Pages">
          {NAV.map(([path, word]) => (
            <a href={path} {...(path === here ? { "aria-current": "page" } : {})}>
              {word}
            </a>
          ))}
        </nav>
        <div class="where" id="where">
          <span>{status.cluster}</span>
          <span class={`mode mode-${status.mode}`} title={MODE_WORDS[status.mode]}>
            {status.mode}
          </span>
          <a class="refresh" id="refresh" href={THIS_PAGE} data-at={status.nowMs}>
            Refresh
          </a>
        </div>
      </div>
    </header>
    <div id="banners">
      <HaltBanner status={status} />
      <AlertBanner status={status} />
      <BlindBanner status={status} />
    </div>
    <main id="main">
      <div class="wrap">{children}</div>
    </main>
    <footer id="foot">
      <div class="wrap">
        <span>Aftershock {status.version}</span>
        <span>
          {formatTime(status.nowMs, status.timezone)} ({status.timezone})
        </span>
        <span>{MODE_WORDS[status.mode]}</span>
        <a href="/help">Help</a>
        <a href="/api/openapi.json">API</a>
        <a href="/metrics">metrics</a>
      </div>
    </footer>
    <script dangerouslySetInnerHTML={{ __html: LIVE_SCRIPT }} />
  </Document>
);

const HaltBanner: FC<{ status: WebStatus }> = ({ status: { halt, timezone } }) => {
  if (halt.kind === "none") return null;
  const text =
    halt.kind === "halted"
      ? `by ${halt.by} since ${formatTime(halt.atMs, timezone)}: ${halt.why}`
      : `because the halt switch cannot be read: ${halt.why}`;
  return (
    <div class="banner banner-bad" role="status">
      <div class="wrap">
        <b>Halted</b> {text}. Nothing is injected until <code>aftershock resume</code>.
      </div>
    </div>
  );
};

/** On every page: what fails now, before there is a verdict. */
const AlertBanner: FC<{ status: WebStatus }> = ({ status: { alerts = [] } }) => (
  <>
    {alerts.map(({ id, text }) => (
      <div class="banner banner-bad" role="alert">
        <div class="wrap">
          <b>Early alert</b> <a href={pathOf.experiment(id)}>{text}</a>. To stop everything:{" "}
          <code>aftershock halt "WHY"</code>
        </div>
      </div>
    ))}
  </>
);

const BlindBanner: FC<{ status: WebStatus }> = ({ status: { blind } }) =>
  blind === null ? null : (
    <div class="banner banner-warn" role="status">
      <div class="wrap">
        <b>Prometheus cannot be believed</b> {blind}. Nothing is injected meanwhile.
      </div>
    </div>
  );

/** A whole document with its style inside, so that a saved or mailed page is complete. */
export const Document: FC<{ title: string; children?: Child }> = ({ title, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{title}</title>
      <link rel="icon" href={ICON} />
      <style dangerouslySetInnerHTML={{ __html: STYLE }} />
    </head>
    <body>{children}</body>
  </html>
);

/** A line that is calm, shaken, and calm again. */
const WAVE_PATH = "M1 11h7l2-3 3 10 4-17 4 15 3-7 2 2h7";

const Wave: FC = () => (
  <svg viewBox="0 0 34 22" fill="none" aria-hidden="true">
    <path d={WAVE_PATH} stroke="currentColor" stroke-width="2.2" stroke-linejoin="round" stroke-linecap="round" />
  </svg>
);

const ICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -6 36 34"><path d="${WAVE_PATH}" fill="none" stroke="#d55e00" stroke-width="3" stroke-linejoin="round" stroke-linecap="round"/></svg>`,
)}`;
