// A filled card, drawn by the library of Adaptive Cards. It is loaded when a view is opened, and not with the page.
import * as cards from "adaptivecards";
import { useEffect, useRef } from "react";
import { isPart, type Part } from "./bounds";

export type Act = { link: string } | { tool: string; arguments: Part };

const COLOURS = Object.fromEntries(
  Object.entries({
    default: "text",
    dark: "text",
    light: "text",
    accent: "accent",
    good: "good",
    warning: "warn",
    attention: "bad",
  }).map(([name, own]) => [
    name,
    { default: `var(--${own})`, subtle: own === "text" ? "var(--text-2)" : `var(--${own})` },
  ]),
);
const SURFACES = {
  default: "",
  emphasis: "sunken",
  accent: "accent-soft",
  good: "good-soft",
  warning: "warn-soft",
  attention: "bad-soft",
};

/** The console's own fonts and colours, light or dark, for what a card names by its meaning. */
const HOST = {
  containerStyles: Object.fromEntries(
    Object.entries(SURFACES).map(([name, own]) => [
      name,
      { backgroundColor: own ? `var(--${own})` : "transparent", foregroundColors: COLOURS },
    ]),
  ),
  fontFamily: "inherit",
  supportsInteractivity: true,
  actions: {
    maxActions: 20,
    actionsOrientation: "horizontal",
    actionAlignment: "left",
    showCard: { actionMode: "inline" },
  },
};

/** Texts stay texts: what this answers is not read as HTML. */
cards.AdaptiveCard.onProcessMarkdown = (_text, result) => {
  result.didProcess = false;
};

export default function Card({
  card,
  onAct,
  onWrong,
}: {
  card: Part;
  onAct: (act: Act) => void;
  onWrong: () => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const act = useRef(onAct);
  act.current = onAct;
  useEffect(() => {
    const drawn = new cards.AdaptiveCard();
    drawn.hostConfig = new cards.HostConfig(HOST);
    drawn.onExecuteAction = (action) => {
      if (action instanceof cards.OpenUrlAction && action.url) act.current({ link: action.url });
      if (action instanceof cards.SubmitAction && isPart(action.data))
        act.current(submitted(drawn, action.data));
    };
    drawn.parse(card);
    const element = drawn.render();
    if (element) place.current?.replaceChildren(element);
    else onWrong();
    return () => place.current?.replaceChildren();
  }, [card, onWrong]);
  return <div ref={place} className="card" />;
}

/** What an action sends: the arguments that it names, and what people wrote into the inputs, by their ids. */
function submitted(card: cards.AdaptiveCard, data: Part): Act {
  const fields: Part = isPart(data.arguments) ? { ...data.arguments } : {};
  for (const input of card.getAllInputs()) {
    const value: unknown = input instanceof cards.ToggleInput ? input.value === input.valueOn : input.value;
    if (input.id && value !== undefined && value !== "") fields[input.id] = value;
  }
  return { tool: String(data.tool), arguments: fields };
}
