import type { Child, FC } from "hono/jsx";
import type { ServiceId } from "../core/model/cluster.ts";
import type { Finding, FindingStatus } from "../core/model/finding.ts";
import type { Outcome } from "../core/model/outcome.ts";
import type { VerdictKind } from "../core/model/verdict.ts";
import type { FindingLine } from "../core/model/weekly-report.ts";
import { capitalised } from "../core/text/format.ts";
import { OUTCOME_MEANS, TERMS, VERDICT_MEANS } from "../core/text/glossary.ts";
import { handlingTexts } from "../core/text/handling.ts";
import type { Link } from "../core/text/link.ts";
import { COVERAGE_WORD, shortTime, VERDICT_WORD } from "../core/text/weekly.ts";
import type { Drawing } from "./charts/draw.ts";
import { pathOf } from "./data.ts";

export { COVERAGE_WORD };

/** A sign for each verdict that reads without colour. */
const VERDICT_SIGN: Readonly<Record<VerdictKind, string>> = {
  steady: "●",
  transient: "◐",
  "slow-recovery": "◑",
  persistent: "✕",
  unresolved: "▲",
  inconclusive: "?",
};

export const VerdictPill: FC<{ kind: VerdictKind }> = ({ kind }) => (
  <span class={`pill v-${kind}`} title={VERDICT_MEANS[kind]}>
    <i aria-hidden="true">{VERDICT_SIGN[kind]}</i>
    {VERDICT_WORD[kind]}
  </span>
);

const OUTCOME_LOOK: Readonly<Record<Outcome, { readonly kind: VerdictKind; readonly sign: string }>> = {
  unaffected: { kind: "steady", sign: "●" },
  recovered: { kind: "transient", sign: "◐" },
  "not recovered": { kind: "persistent", sign: "✕" },
  unknown: { kind: "inconclusive", sign: "?" },
};

/** What people read of an experiment; a verdict is the detail behind it. */
export const OutcomePill: FC<{ outcome: Outcome }> = ({ outcome }) => (
  <span class={`pill v-${OUTCOME_LOOK[outcome].kind}`} title={OUTCOME_MEANS[outcome]}>
    <i aria-hidden="true">{OUTCOME_LOOK[outcome].sign}</i>
    {outcome}
  </span>
);

/** A word of the glossary, told when it is pointed at, and with a way to all of them. */
export const Term: FC<{ word: string; as?: string }> = ({ word, as = word }) => (
  <a class="term" href={`/help#${word.replaceAll(/[^a-z]+/g, "-")}`} title={TERMS[word] ?? ""}>
    {as}
  </a>
);

/** A state that is not a verdict: refused, missed, observing. */
export const PlainPill: FC<{ children?: Child }> = ({ children }) => <span class="pill v-none">{children}</span>;

export const StatusTag: FC<{ status: FindingStatus }> = ({ status }) => (
  <span class={`tag tag-${status}`}>{status}</span>
);

/** A moment in the configured zone, with the exact instant for machines and for hovering. */
export const Moment: FC<{ atMs: number; timezone: string }> = ({ atMs, timezone }) => {
  const iso = new Date(atMs).toISOString();
  return (
    <time datetime={iso} title={iso} class="nw">
      {shortTime(atMs, timezone)}
    </time>
  );
};

export const ServiceLink: FC<{ service: ServiceId }> = ({ service }) => <a href={pathOf.service(service)}>{service}</a>;

/** Ways to other tools; nothing where there are none. */
export const Elsewhere: FC<{ links: readonly Link[]; about: string }> = ({ links, about }) =>
  links.length === 0 ? null : (
    <span class="elsewhere">
      {links.map(({ name, url }) => (
        <a href={url} rel="noopener noreferrer" title={`${about} in ${name}`}>
          {name}
        </a>
      ))}
    </span>
  );

export const Card: FC<{ title?: string; note?: string; tone?: "bad" | "good"; children?: Child }> = ({
  title,
  note,
  tone,
  children,
}) => (
  <section class={tone === undefined ? "card" : `card card-${tone}`}>
    {title === undefined ? null : (
      <h2>
        {title}
        {note === undefined ? null : <small>{note}</small>}
      </h2>
    )}
    {children}
  </section>
);

export const Empty: FC<{ children?: Child }> = ({ children }) => <p class="empty">{children}</p>;

/** `open`: it fails at this moment, as far as is known. */
export const Command: FC<{ text: string; open: boolean }> = ({ text, open }) => (
  <code class="cmd">
    <b>{open ? "Now" : "While it fails"}</b> {text}
  </code>
);

export const FindingBlock: FC<{ finding: Finding; status?: FindingStatus; open?: boolean }> = ({
  finding,
  status = finding.status,
  open = false,
}) => (
  <article class="finding" id={finding.fingerprint}>
    <h3>
      {finding.title} <StatusTag status={status} />
    </h3>
    <p>{finding.explanation}</p>
    {finding.advice.now === null || status === "fixed" ? null : <Command text={finding.advice.now} open={open} />}
    <p class="label">What to change</p>
    <Bullets texts={finding.advice.fix} />
    <details>
      <summary>What was seen</summary>
      <Bullets texts={finding.evidence} />
    </details>
  </article>
);

/** What people decided about a finding: until when, who, and why. */
export const HandledBy: FC<{ line: FindingLine; timezone: string }> = ({ line: { handling }, timezone }) =>
  handling === undefined ? null : (
    <p>
      <b>{capitalised(handlingTexts(handling, timezone).join("; "))}</b>
    </p>
  );

export const Bullets: FC<{ texts: readonly string[] }> = ({ texts }) => (
  <ul class="bul">
    {texts.map((text) => (
      <li>{text}</li>
    ))}
  </ul>
);

/** A chart that was drawn by us: its SVG is not escaped, everything in it was. */
export const Chart: FC<{ drawing: Drawing }> = ({ drawing }) => (
  <figure class="chart">
    <figcaption>{drawing.title}</figcaption>
    <div dangerouslySetInnerHTML={{ __html: drawing.svg }} />
  </figure>
);
