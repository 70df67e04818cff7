// Where the browser comes back to after signing in.
import { useEffect, useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { Loading, Notice } from "../ui/states";
import { finishSignIn } from "./session";

export function Callback() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const [error, setError] = useState("");
  const begun = useRef(false);
  useEffect(() => {
    // A code is good for one use.
    if (begun.current) return;
    begun.current = true;
    finishSignIn(query)
      .then((to) => navigate(to, { replace: true }))
      .catch((failure: Error) => setError(failure.message));
  }, [query, navigate]);
  return (
    <main className="page">
      {error ? (
        <Notice kind="warn" role="alert">
          <h1>You are not signed in</h1>
          <p>{error}</p>
        </Notice>
      ) : (
        <Loading label="Signing in" />
      )}
    </main>
  );
}
