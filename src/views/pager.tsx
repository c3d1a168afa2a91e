import type { FC } from "hono/jsx";
import type { PageOf } from "./lists/paging.ts";

/** Ways to the pages before and after; nothing when there is one page only. */
export const Pager: FC<{ page: PageOf<unknown>; address: (page: number) => string }> = ({ page, address }) =>
  page.pages === 1 ? null : (
    <nav class="pager" aria-label="Pages of this list">
      {page.page > 1 ? (
        <a href={address(page.page - 1)} rel="prev">
          Previous
        </a>
      ) : null}
      <span>
        Page {page.page} of {page.pages}
      </span>
      {page.page < page.pages ? (
        <a href={address(page.page + 1)} rel="next">
          Next
        </a>
      ) : null}
    </nav>
  );
