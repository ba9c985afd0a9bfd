package dev.grain.resource.internal;

import org.jspecify.annotations.Nullable;

/**
 * How much a request asks for, or a node has, of one kind.
 *
 * <p>Implementation note: equality is written out for the reason that {@link Kind} has.
 *
 * @param kind the kind
 * @param amount in the units of the kind, above 0
 */
public record Part(Kind kind, long amount) {
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Part that && amount == that.amount && kind.equals(that.kind));
  }

  @Override
  public int hashCode() {
    return 31 * kind.hashCode() + Long.hashCode(amount);
  }

  /** Returns it as a user writes it, for example {@code cpu(2.5)}. */
  @Override
  public String toString() {
    return switch (kind.rank()) {
      case Kind.Rank.MEMORY -> "memory(" + Amounts.exactMemory(amount) + ")";
      case Kind.Rank.CAPACITY -> "capacity(" + amount + ")";
      case Kind.Rank.HEAD -> "none()";
      case Kind.Rank.CUSTOM ->
          "custom(\"" + kind.name() + "\", " + Amounts.decimalUnits(amount) + ")";
      case Kind.Rank.TOKEN -> "token(\"" + kind.name() + "\")";
      default -> kind.name() + "(" + Amounts.decimalUnits(amount) + ")";
    };
  }
}
