package dev.grain.resource.internal;

import dev.grain.resource.internal.Demand.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** Amounts in sentences for people. */
public final class Wording {
  private Wording() {}

  /** Returns what is asked for, for example {@code 3 cores and 8GiB of memory in a container}. */
  public static String of(Demand demand) {
    String amounts =
        demand.parts().stream()
            .map(part -> of(part, demand.ids(part.kind())))
            .collect(Collectors.joining(" and "));
    return demand.needsEngine() ? amounts + " in a container" : amounts;
  }

  private static String of(Part part, List<String> ids) {
    if (ids.isEmpty()) {
      return of(part);
    }
    String kind = part.kind().isCustom() ? part.kind().name() : ids.size() == 1 ? "GPU" : "GPUs";
    return kind + " " + Ids.toString(ids);
  }

  private static String of(Part part) {
    Kind kind = part.kind();
    return switch (kind.rank()) {
      case Kind.Rank.HEAD -> "a place in the program's own process";
      case Kind.Rank.TOKEN -> "the token " + kind.name();
      case Kind.Rank.MEMORY -> Amounts.exactMemory(part.amount()) + " of memory";
      case Kind.Rank.HEAP -> Amounts.exactMemory(part.amount()) + " of the heap";
      case Kind.Rank.ENGINE -> "a container engine";
      default -> decimal(kind, part.amount()) + " " + noun(kind, part.amount());
    };
  }

  /** Returns what is free of a kind, for example {@code 2 of 8 cores}. */
  public static String freeOf(Kind kind, long free, long total) {
    return bare(kind, free, total)
        + switch (kind.rank()) {
          case Kind.Rank.MEMORY -> " of memory";
          case Kind.Rank.HEAP -> " of heap";
          default -> " " + noun(kind, total);
        };
  }

  /** Returns what is free of a kind that is clear from the context, for example {@code 2 of 8}. */
  public static String bare(Kind kind, long free, long total) {
    return kind.rank() == Kind.Rank.MEMORY || kind.rank() == Kind.Rank.HEAP
        ? Amounts.readableMemory(free) + " of " + Amounts.readableMemory(total)
        : decimal(kind, free) + " of " + decimal(kind, total);
  }

  /** Returns how little there is of a kind, for example {@code only 2 cores} or {@code no GPU}. */
  public static String only(Kind kind, long total) {
    return switch (kind.rank()) {
      case Kind.Rank.HEAD -> "no place for such jobs";
      case Kind.Rank.TOKEN -> "no token " + kind.name();
      case Kind.Rank.ENGINE -> "no container engine";
      case Kind.Rank.UNIT -> "no " + noun(kind, 1);
      case Kind.Rank.MEMORY ->
          total == 0 ? "no memory" : "only " + Amounts.readableMemory(total) + " of memory";
      case Kind.Rank.HEAP -> "a heap of only " + Amounts.readableMemory(total) + " for functions";
      default ->
          total == 0
              ? "no " + noun(kind, 0)
              : "only " + decimal(kind, total) + " " + noun(kind, total);
    };
  }

  /** Returns single units, for example {@code PORT 8000-8003 and GPU 1}; one at least. */
  public static String units(List<Kind> units) {
    SequencedMap<String, List<String>> byKind = new LinkedHashMap<>();
    for (Kind unit : units) {
      byKind
          .computeIfAbsent(isGpu(unit) ? "GPU" : unit.unitOf(), _ -> new ArrayList<>())
          .add(unit.id());
    }
    return byKind.entrySet().stream()
        .map(each -> each.getKey() + " " + Ids.toString(each.getValue()))
        .collect(Collectors.joining(" and "));
  }

  private static boolean isGpu(Kind unit) {
    return unit.unitOf().equals(Kind.GPU.name());
  }

  private static String decimal(Kind kind, long units) {
    return kind.unit() == 1 ? Long.toString(units) : Amounts.decimalUnits(units);
  }

  private static String noun(Kind kind, long units) {
    boolean one = units == kind.unit();
    return switch (kind.rank()) {
      case Kind.Rank.CPU -> one ? "core" : "cores";
      case Kind.Rank.GPU -> one ? "GPU" : "GPUs";
      case Kind.Rank.CAPACITY -> one ? "job place" : "job places";
      case Kind.Rank.HEAD -> one ? "place" : "places";
      case Kind.Rank.UNIT -> (isGpu(kind) ? "GPU " : kind.unitOf() + " ") + kind.id();
      default -> kind.name();
    };
  }
}
