package dev.grain.resource.internal;

/**
 * How much a request asks for, or a node has, of one kind.
 *
 * @param kind the kind
 * @param amount in the units of the kind, above 0
 */
public record Part(Kind kind, long amount) {
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
