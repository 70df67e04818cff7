// Who somebody is, where the API says an id: their name among the members, for those who may read them.
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../api/client";
import { useLater } from "../ui/later";
import { useCaller, useCan, useTenant } from "./caller";

const KNOWN_MS = 60_000;

export function Person({ id }: { id: string }) {
  const tenant = useTenant();
  const me = useCaller().principal;
  const can = useCan(`tenant/${tenant}`);
  const later = useLater();
  const members = useQuery({
    queryKey: [tenant, "members"],
    queryFn: () => answer(api.GET("/v1/tenants/{tenant}/members", { params: { path: { tenant } } })),
    enabled: tenant !== "" && id !== "" && id !== me && can("readMembers") && later,
    staleTime: KNOWN_MS,
  });
  if (id === me) return "you";
  return members.data?.members.find((one) => one.principal === id)?.name || id;
}
