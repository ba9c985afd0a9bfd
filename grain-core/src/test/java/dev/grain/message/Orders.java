package dev.grain.message;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand;

/** Orders for tests: first attempts of calls of no name, without arguments and limits. */
public final class Orders {
  private Orders() {}

  /** Returns an order whose job has the number, in its run and in messages. */
  public static Order of(long number, Demand demand) {
    return of(number, 1, false, spec(demand, Order.Limits.NONE, CodeRef.OWN), Bytes.empty());
  }

  /** Returns an order with everything that makes a difference to a node. */
  public static Order of(long number, int attempt, boolean alone, Order.Spec spec, Bytes input) {
    return new Order("run", number, number, attempt, alone, spec, input);
  }

  /** Returns the spec of a call of no name. */
  public static Order.Spec spec(Demand demand, Order.Limits limits, CodeRef code) {
    return new Order.Spec(
        "", demand, limits, new Work.Call(Bytes.empty(), false), new Order.Setting(code));
  }
}
