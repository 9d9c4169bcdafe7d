/** The order in which the members of a JSON text stand, which JavaScript loses for names that look like integers. */

import { type Node, parseTree } from 'jsonc-parser';

/** The names of a value's members in the order of the text, and the same of each member. */
export type MemberOrder = ReadonlyMap<string, MemberOrder>;

/**
 * Reads the order of members where it differs from that of the parsed value; undefined where it does not.
 *
 * @param text valid JSON.
 */
export function readMemberOrder(text: string): MemberOrder | undefined {
  if (!/"\d+"\s*:/.test(text)) return undefined;
  const root = parseTree(text);
  return root && orderOf(root);
}

/** Of a value that has no members; a map for each of many thousand would take longer than to parse them. */
const NO_MEMBERS: MemberOrder = new Map();

function orderOf(node: Node): MemberOrder {
  const { children } = node;
  if (children === undefined) return NO_MEMBERS;
  if (node.type === 'array') return new Map(children.map((child, index) => [`${index}`, orderOf(child)]));
  const members = children.map((property): [string, MemberOrder] => {
    const [name, value] = property.children ?? [];
    return [String(name?.value), value === undefined ? NO_MEMBERS : orderOf(value)];
  });
  return new Map(node.type === 'object' ? members : []);
}
