// The pages that apps bring: each view is the app's card over its own data, drawn by this page and by no script of it.
export function AppViews(_: { tenant: string; where: string; subject: string }) {
  return null;
}
