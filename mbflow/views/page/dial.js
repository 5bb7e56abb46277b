// Dialling a flow by hand.

export function dialPanel() {
  return null;
}
