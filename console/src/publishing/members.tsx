// The people and machines that act for a publisher.
import { useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { useChange } from "../runs/queries";
import { useCan, usePublisher } from "../session/caller";
import { MemberTable } from "../ui/members";
import { Shown } from "../ui/states";

export function PublisherMembers() {
  const publisher = usePublisher();
  const can = useCan(`publisher/${publisher}`);
  const query = useQuery({
    queryKey: [`p/${publisher}`, "members"],
    queryFn: () => answer(api.GET("/v1/publishers/{publisher}/members", { params: { path: { publisher } } })),
  });
  const add = useChange(`p/${publisher}`, (body: Schemas["Invitation"]) =>
    answer(api.POST("/v1/publishers/{publisher}/members", { params: { path: { publisher } }, body })),
  );
  const remove = useChange(`p/${publisher}`, (member: string) =>
    answer(
      api.DELETE("/v1/publishers/{publisher}/members/{member}", { params: { path: { publisher, member } } }),
    ),
  );
  return (
    <div className="stack">
      <h1>Members</h1>
      <Shown query={query}>
        {(data) => (
          <MemberTable
            members={data.members}
            mayManage={can("manageMembers")}
            busy={add.isPending || remove.isPending}
            error={add.error ?? remove.error}
            onAdd={(body, done) => add.mutate(body, { onSuccess: done })}
            onRemove={(member, done) => remove.mutate(member, { onSuccess: done })}
          />
        )}
      </Shown>
    </div>
  );
}
