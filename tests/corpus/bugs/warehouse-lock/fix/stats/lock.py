"""A lock in the install's state, held by a run."""

from interlock import Context


class Lock:
    def __init__(self, ctx: Context, name: str) -> None:
        self.ctx, self.key = ctx, f"lock/{name}"

    def take(self) -> bool:
        if self.ctx.state.get(self.key) == self.ctx.run:
            return False
        self.ctx.state.put(self.key, self.ctx.run)
        return True

    def release(self) -> None:
        self.ctx.state.delete(self.key)
