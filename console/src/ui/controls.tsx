// The few controls that every page uses, on react-aria's: keyboard and screen readers are theirs.
import { type ReactNode, useId, useRef, useState } from "react";
import {
  Dialog as AriaDialog,
  Button,
  type ButtonProps,
  Heading,
  Menu,
  MenuItem,
  MenuTrigger,
  Modal,
  ModalOverlay,
  Popover,
  Tab,
  TabList,
  TabPanel,
  Tabs,
} from "react-aria-components";
import type { Problem } from "../api/client";
import { useKeptFocus } from "./focus";
import { Icon } from "./icon";
import { ProblemNotice } from "./states";

type Kind = "primary" | "danger" | "plain" | "";

export function Action({
  kind = "",
  small,
  className,
  ...props
}: ButtonProps & { kind?: Kind; small?: boolean }) {
  return <Button {...props} className={`button ${kind} ${small ? "small" : ""} ${className ?? ""}`} />;
}

/** A dialog that is open while it is shown; Escape and the cross close it. */
export function Dialog(props: {
  title: string;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  role?: "alertdialog";
}) {
  const box = useRef<HTMLElement>(null);
  useKeptFocus(box);
  return (
    <ModalOverlay isOpen onOpenChange={(open) => !open && props.onClose()} isDismissable className="overlay">
      <Modal className={`modal ${props.wide ? "wide" : ""}`}>
        <AriaDialog ref={box} role={props.role}>
          <div className="row between">
            <Heading slot="title" level={2}>
              {props.title}
            </Heading>
            <Action kind="plain" small aria-label="Close" onPress={props.onClose}>
              <Icon name="cross" />
            </Action>
          </div>
          {props.children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** Asks before what can't be undone, or touches many. */
export function Confirm(props: {
  title: string;
  children: ReactNode;
  action: string;
  danger?: boolean;
  busy?: boolean;
  error?: Problem | null;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={props.title} onClose={props.onClose} role="alertdialog">
      <div className="stack">{props.children}</div>
      {props.error && <ProblemNotice problem={props.error} />}
      <div className="row">
        <Action kind={props.danger ? "danger" : "primary"} isDisabled={props.busy} onPress={props.onConfirm}>
          {props.action}
        </Action>
        <Action onPress={props.onClose}>Cancel</Action>
      </div>
    </Dialog>
  );
}

export interface MenuEntry {
  id: string;
  label: ReactNode;
  hint?: string;
  onAction: () => void;
  disabled?: boolean;
}

export function ActionMenu(props: {
  label: ReactNode;
  name?: string;
  entries: MenuEntry[];
  kind?: Kind;
  small?: boolean;
}) {
  return (
    <MenuTrigger>
      <Action kind={props.kind} small={props.small} aria-label={props.name}>
        {props.label} <Icon name="down" />
      </Action>
      <Popover className="popover" placement="bottom end">
        <Menu
          aria-label={props.name ?? (typeof props.label === "string" ? props.label : "Actions")}
          disabledKeys={props.entries.filter((one) => one.disabled).map((one) => one.id)}
          onAction={(key) => props.entries.find((one) => one.id === key)?.onAction()}
        >
          {props.entries.map((one) => (
            <MenuItem key={one.id} id={one.id} textValue={typeof one.label === "string" ? one.label : one.id}>
              <span>{one.label}</span>
              {one.hint && <span className="muted small">{one.hint}</span>}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

export function TabSet(props: {
  label: string;
  tabs: { id: string; title: ReactNode; content: () => ReactNode }[];
  selected?: string;
  onSelect?: (id: string) => void;
}) {
  return (
    <Tabs
      className="tabs"
      {...(props.selected === undefined ? {} : { selectedKey: props.selected })}
      onSelectionChange={(key) => props.onSelect?.(String(key))}
    >
      <TabList aria-label={props.label}>
        {props.tabs.map((one) => (
          <Tab key={one.id} id={one.id}>
            {one.title}
          </Tab>
        ))}
      </TabList>
      {props.tabs.map((one) => (
        <TabPanel key={one.id} id={one.id}>
          {one.content()}
        </TabPanel>
      ))}
    </Tabs>
  );
}

interface FieldProps {
  label: string;
  hint?: ReactNode;
  wrong?: string;
  wide?: boolean;
}

export function TextField(
  props: FieldProps & {
    value: string;
    onChange: (value: string) => void;
    type?: string;
    placeholder?: string;
    required?: boolean;
    rows?: number;
    suggestions?: string[];
  },
) {
  const id = useId();
  const shared = {
    id,
    className: "input",
    value: props.value,
    placeholder: props.placeholder,
    required: props.required,
    "aria-describedby": props.hint || props.wrong ? `${id}-about` : undefined,
    "aria-invalid": props.wrong ? true : undefined,
    onChange: (event: { target: { value: string } }) => props.onChange(event.target.value),
  };
  return (
    <div className={`field ${props.wide ? "wide" : ""}`}>
      <label htmlFor={id}>{props.label}</label>
      {props.rows ? (
        <textarea {...shared} rows={props.rows} />
      ) : (
        <input
          {...shared}
          type={props.type ?? "text"}
          list={props.suggestions?.length ? `${id}-offers` : undefined}
        />
      )}
      {props.suggestions?.length ? (
        <datalist id={`${id}-offers`}>
          {props.suggestions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      ) : null}
      <About id={id} {...props} />
    </div>
  );
}

/** The system's own select: it is right on a phone, too. */
export function SelectField(
  props: FieldProps & {
    value: string;
    onChange: (value: string) => void;
    options: (string | [string, string])[];
  },
) {
  const id = useId();
  return (
    <div className={`field ${props.wide ? "wide" : ""}`}>
      <label htmlFor={id}>{props.label}</label>
      <select
        id={id}
        className="input"
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      >
        {props.options.map((one) => {
          const [value, label] = typeof one === "string" ? [one, one] : one;
          return (
            <option key={value} value={value}>
              {label}
            </option>
          );
        })}
      </select>
      <About id={id} {...props} />
    </div>
  );
}

export function CheckField(props: { label: ReactNode; value: boolean; onChange: (value: boolean) => void }) {
  const id = useId();
  return (
    <div className="check">
      <input
        id={id}
        type="checkbox"
        checked={props.value}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      <label htmlFor={id}>{props.label}</label>
    </div>
  );
}

/** Copies the exact text, and says so. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  return (
    <Action
      small
      onPress={async () => {
        await navigator.clipboard.writeText(text);
        setDone(true);
        setTimeout(() => setDone(false), 1500);
      }}
    >
      {done ? "Copied" : label}
    </Action>
  );
}

function About({ id, hint, wrong }: { id: string } & FieldProps) {
  if (!hint && !wrong) return null;
  return (
    <div id={`${id}-about`}>
      {wrong && <div className="wrong">{wrong}</div>}
      {hint && <div className="hint">{hint}</div>}
    </div>
  );
}
