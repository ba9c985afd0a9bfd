package dev.grain.sim;

import dev.grain.message.AttemptEnd;
import dev.grain.message.Order;
import dev.grain.node.prepare.Preparations;
import dev.grain.node.prepare.Ready;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a worker has made ready for a run: it takes a while, and some machines fail to do it. */
final class SimulatedPreparations implements Preparations {
  private final World world;
  private final SimulatedLoop loop;
  private final Machine machine;
  private final Set<Order.Setting> ready = new HashSet<>();
  private final Map<Order.Setting, Object> tasks = new HashMap<>();

  SimulatedPreparations(World world, SimulatedLoop loop, Machine machine) {
    this.world = world;
    this.loop = loop;
    this.machine = machine;
  }

  @Override
  public @Nullable Ready find(Order.Setting setting) {
    return !setting.isPrepared() || ready.contains(setting) ? Ready.NOTHING : null;
  }

  @Override
  public void prepare(
      Order.Setting setting, Consumer<String> onPhase, Consumer<@Nullable AttemptEnd> whenDone) {
    Object task = new Object();
    tasks.put(setting, task);
    onPhase.accept("installing");
    world.after(
        world.scaled(1_000, 10),
        () ->
            loop.post(() -> {
              if (tasks.remove(setting, task)) {
                boolean fails = machine.failsToStart();
                if (!fails) {
                  ready.add(setting);
                }
                whenDone.accept(
                    fails ? new AttemptEnd.Unprepared("a tool is not installed") : null);
              }
            }));
  }

  @Override
  public void cancel(Order.Setting setting) {
    tasks.remove(setting);
  }

  @Override
  public void close() {
    tasks.clear();
  }
}
