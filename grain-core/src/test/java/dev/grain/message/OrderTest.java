package dev.grain.message;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Kind;
import org.junit.jupiter.api.Test;

final class OrderTest {
  private static final Demand REQUEST = Demand.of(cpu(1).and(memory("2GiB")));

  private static Demand demand(Work work, Isolation isolation) {
    Order.Setting setting = new Order.Setting(CodeRef.OWN, isolation);
    return new Order.Spec("", REQUEST, Order.Limits.NONE, work, setting).demand();
  }

  @Test
  void spec_ofAFunction_takesItsMemoryFromTheHeapToo() {
    Demand demand = demand(new Work.Call(Bytes.empty(), false), Isolation.NONE);
    assertThat(demand).isSameAs(REQUEST.inHeap());
    assertThat(demand.amount(Kind.HEAP)).isEqualTo(2L << 30);
  }

  @Test
  void spec_ofWhatRunsInAProcessOfItsOwn_takesNothingFromTheHeap() {
    Isolation jvm = new Isolation.Jvm(Bytes.empty());
    assertThat(demand(new Work.Call(Bytes.empty(), false), jvm)).isSameAs(REQUEST);
    assertThat(demand(new Work.Command(Bytes.empty()), Isolation.NONE)).isSameAs(REQUEST);
  }

  @Test
  void spec_inAContainer_needsAnEngine_andNoHeap() {
    Isolation container = new Isolation.Container(Bytes.empty());
    assertThat(demand(new Work.Command(Bytes.empty()), container)).isSameAs(REQUEST.inContainer());
    assertThat(demand(new Work.Call(Bytes.empty(), false), container))
        .isSameAs(REQUEST.inContainer());
  }

  @Test
  void setting_withAContainer_isPrepared_asItsImageMayHaveToBePulled() {
    assertThat(new Order.Setting(CodeRef.OWN, new Isolation.Container(Bytes.empty())).isPrepared())
        .isTrue();
    assertThat(new Order.Setting(CodeRef.OWN, new Isolation.Jvm(Bytes.empty())).isPrepared())
        .isFalse();
  }
}
