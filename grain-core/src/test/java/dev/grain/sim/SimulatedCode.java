package dev.grain.sim;

import dev.grain.bytes.Bytes;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.node.CodeAccess;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The code that a worker has of a run: it takes a while until it is there. */
final class SimulatedCode implements CodeAccess {
  private final World world;
  private final SimulatedLoop loop;
  private final Machine machine;
  private final Set<CodeRef> ready = new HashSet<>();

  SimulatedCode(World world, SimulatedLoop loop, Machine machine) {
    this.world = world;
    this.loop = loop;
    this.machine = machine;
  }

  @Override
  public boolean isReady(CodeRef code) {
    return ready.contains(code);
  }

  @Override
  public void prepare(CodeRef code, Ask ask, Consumer<@Nullable AttemptEnd> whenDone) {
    world.after(
        world.scaled(1_000, 10),
        () ->
            loop.post(() -> {
              boolean fails = machine.failsToStart();
              if (!fails) {
                ready.add(code);
              }
              whenDone.accept(fails ? new AttemptEnd.Unable("it has no room for code") : null);
            }));
  }

  @Override
  public void onContent(Bytes hash, Bytes content) {
    throw new IllegalStateException("nobody has asked for code");
  }

  @Override
  public void onMissing(Bytes hash, String reason) {
    throw new IllegalStateException("nobody has asked for code");
  }

  @Override
  public void close() {}
}
