// Holds a card to what this page draws. The platform checked it when it was published; what data makes of it is checked here.
export type Part = { [name: string]: unknown };
export type Tools = { [name: string]: { name: string; destructive: boolean } };

export const ELEMENTS = 2_000;
export const CHARACTERS = 200_000;
const DEPTH = 64;
const TYPES = new Set(
  `AdaptiveCard TextBlock RichTextBlock TextRun Container ColumnSet Column FactSet Image ImageSet Table TableRow
  TableCell ActionSet Input.Text Input.Number Input.Date Input.Time Input.Toggle Input.ChoiceSet Action.OpenUrl
  Action.Submit Action.ShowCard`.split(/\s+/),
);
/** What could load, open or run something that is not in the list above, or is read as HTML or as a pattern. */
const NEVER = new Set(
  `selectAction backgroundImage iconUrl inlineAction refresh authentication requires fallback regex sources poster
  metadata verb targetElements $data $when __proto__`.split(/\s+/),
);

/** Why a card is not drawn. */
export class Refused extends Error {}

/** A link as people are shown it, or undefined where it is none that is opened. */
export function linkOf(url: unknown): URL | undefined {
  if (typeof url !== "string" || !URL.canParse(url)) return undefined;
  const link = new URL(url);
  return link.protocol === "https:" && !link.username && !link.password && link.hostname ? link : undefined;
}

/** The card with its images in place; a card that has what is not permitted is refused as a whole. */
export function hold(card: unknown, images: { [path: string]: string }, tools: Tools): Part {
  if (!isPart(card) || card.type !== "AdaptiveCard") throw new Refused("it is not a card");
  const counted = { elements: 0, characters: 0 };
  return held(card, 0) as Part;

  function held(value: unknown, depth: number): unknown {
    if (depth > DEPTH) throw new Refused("it has too many levels");
    if (typeof value === "string") {
      counted.characters += value.length;
      if (counted.characters > CHARACTERS) throw new Refused("it has too much text");
      return value;
    }
    if (Array.isArray(value)) return value.map((one) => held(one, depth + 1));
    if (!isPart(value)) return value;
    counted.elements += 1;
    if (counted.elements > ELEMENTS) throw new Refused("it has too many elements");
    return part(value, depth);
  }

  function part(value: Part, depth: number): Part {
    if ("type" in value && !TYPES.has(String(value.type)))
      throw new Refused(`it has a ${String(value.type).slice(0, 40)}`);
    if (value.type === "Action.Submit") return submit(value);
    const done: Part = {};
    for (const [name, inner] of Object.entries(value)) {
      if (NEVER.has(name)) throw new Refused(`it has the property ${name}`);
      done[name] = name === "url" ? inner : held(inner, depth + 1);
    }
    if (value.type === "Image") done.url = image(value.url);
    else if (value.type === "Action.OpenUrl") Object.assign(done, link(value));
    else if ("url" in value) throw new Refused("it has an address where none is permitted");
    return done;
  }

  function image(url: unknown): string {
    const held = typeof url === "string" && Object.hasOwn(images, url) ? images[url] : undefined;
    if (held === undefined) throw new Refused("it has an image that the app did not bring");
    return held;
  }

  function link(value: Part): Part {
    const url = linkOf(value.url);
    if (!url) throw new Refused("it has a link that is not https");
    return {
      url: url.href,
      title: `${String(value.title ?? "Open").slice(0, 80)} (${url.host})`,
      tooltip: url.href,
    };
  }

  function submit(value: Part): Part {
    const data = isPart(value.data) ? value.data : {};
    const tool = typeof data.tool === "string" ? data.tool : "";
    if (!Object.hasOwn(tools, tool)) throw new Refused("it has an action of a tool that is not the app's");
    const fields = isPart(data.arguments) ? data.arguments : {};
    return {
      type: "Action.Submit",
      title: String(value.title ?? tool).slice(0, 80),
      data: { tool, arguments: fields },
    };
  }
}

export function isPart(value: unknown): value is Part {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
