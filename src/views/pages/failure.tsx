import type { FC } from "hono/jsx";
import { Document } from "../layout.tsx";
import { Card } from "../parts.tsx";

/**
 * A page for what is not there, or cannot be read now. It needs no data, because that may be what
 * is missing.
 */
export const FailurePage: FC<{ title: string; detail: string }> = ({ title, detail }) => (
  <Document title={`${title} · Aftershock`}>
    <main>
      <div class="wrap stack">
        <h1>{title}</h1>
        <Card>
          <p>{detail}</p>
          <p>
            <a href="/">Overview</a>
          </p>
        </Card>
      </div>
    </main>
  </Document>
);
