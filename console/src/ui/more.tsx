// Lists that come in pages: the rows so far, and a button for the next page.
import { type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Action } from "./controls";
import { Loading, ProblemNotice } from "./states";

interface Paged {
  cursor?: string | null;
}

export function usePages<Page extends Paged>(
  queryKey: QueryKey,
  fetchPage: (cursor: string | undefined) => Promise<Page>,
  refetchMs: number | false = false,
) {
  return useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => fetchPage(pageParam || undefined),
    initialPageParam: "",
    getNextPageParam: (page: Page) => page.cursor ?? undefined,
    // Behind the first page nothing is read again by itself: one call, however long the list is.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) > 1 ? false : refetchMs),
  });
}

export function Pages<Page extends Paged, Row>(props: {
  query: ReturnType<typeof usePages<Page>>;
  rows: (page: Page) => readonly Row[];
  empty: ReactNode;
  children: (rows: Row[]) => ReactNode;
}) {
  const { data, error, isPending, isFetching, refetch } = props.query;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = props.query;
  const rows = data?.pages.flatMap((page) => [...props.rows(page)]) ?? [];
  return (
    <>
      {error && <ProblemNotice problem={error} retry={() => void refetch()} busy={isFetching} />}
      {isPending && !error && <Loading />}
      {data && rows.length === 0 && !hasNextPage && props.empty}
      {rows.length > 0 && props.children(rows)}
      {hasNextPage && (
        <div className="row">
          <Action isDisabled={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            {isFetchingNextPage ? "Loading…" : "More"}
          </Action>
        </div>
      )}
    </>
  );
}
