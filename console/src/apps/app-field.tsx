// The name of an app: those that are installed are offered, any other may be typed.
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "../api/client";
import { TextField } from "../ui/controls";

/** The installs of a tenant that can run. */
export function useActiveInstalls(tenant: string) {
  return useQuery({
    queryKey: [tenant, "installs", "present"],
    queryFn: async () =>
      (
        await answer(api.GET("/v1/tenants/{tenant}/installs", { params: { path: { tenant } } }))
      ).installs.filter((one) => one.status === "active"),
  });
}

/** A field for an app. Runs outlive the install of their app, so another name may be typed. */
export function AppField(props: { tenant: string; value: string; onChange: (app: string) => void }) {
  const installs = useActiveInstalls(props.tenant);
  return (
    <TextField
      label="App"
      placeholder="acme/pii-tagger"
      value={props.value}
      onChange={props.onChange}
      suggestions={[...new Set(installs.data?.map((one) => one.app))].sort()}
    />
  );
}
