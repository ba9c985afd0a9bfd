package dev.grain.node.process;

import static dev.grain.resource.Resources.cpu;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Allocation;
import dev.grain.code.Codec;
import dev.grain.message.AttemptEnd;
import dev.grain.message.CodeRef;
import dev.grain.message.CommandInput;
import dev.grain.message.CommandLine;
import dev.grain.message.Order;
import dev.grain.message.Orders;
import dev.grain.message.Work;
import dev.grain.node.RecordedEvents;
import dev.grain.node.confine.Enforcement;
import dev.grain.node.confine.EnforcementSettings;
import dev.grain.node.prepare.Ready;
import dev.grain.resource.internal.Demand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(value = OS.LINUX, disabledReason = "the programs are those of Linux")
final class CommandWatchTest {
  private static final Codec CODE = new Codec(CommandWatchTest.class.getClassLoader());
  private static final int LIMIT = 1 << 20;
  private static final Allocation ALLOCATION =
      new Allocation(List.of(0), List.of(), 0, Map.of("cpu", 1.0), Map.of(), "node");

  private final RecordedEvents told = new RecordedEvents();

  private static Order order(String script) {
    CommandLine line =
        new CommandLine(
            List.of("sh", "-c", script),
            "",
            new LinkedHashMap<>(),
            "",
            "",
            "",
            "",
            List.of(0),
            false);
    Order.Spec spec =
        new Order.Spec(
            "",
            Demand.of(cpu(1)),
            Order.Limits.NONE,
            new Work.Command(line.encode()),
            new Order.Setting(CodeRef.OWN));
    return Orders.of(1, 1, false, spec, new CommandInput(new LinkedHashMap<>(), null).encode());
  }

  @Test
  void commandWhoseOutputCannotBeShown_fails_andTheNextOneRuns() throws Exception {
    AtomicInteger shown = new AtomicInteger();
    CommandRunner.Echo broken =
        (_, _, _) -> {
          if (shown.incrementAndGet() == 1) {
            throw new IllegalStateException("the console is gone");
          }
        };
    try (Enforcement enforcement = Enforcement.open(EnforcementSettings.OFF);
        CommandRunner runner = new CommandRunner(CODE, LIMIT, true, broken, enforcement)) {
      // ends before its output is looked at for the first time
      runner.start(order("echo one"), ALLOCATION, Ready.NOTHING, told);
      AttemptEnd.Failure failure = (AttemptEnd.Failure) told.ends.take();
      assertThat(failure.words()).contains("the console is gone");
      runner.start(order("echo two"), ALLOCATION, Ready.NOTHING, told);
      assertThat(told.ends.take()).isInstanceOf(AttemptEnd.Value.class);
    }
  }
}
