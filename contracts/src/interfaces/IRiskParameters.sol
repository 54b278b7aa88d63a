// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IExpiries} from "./IExpiries.sol";

/// @notice What an asset is. Only spot, which is collateral, has a token behind it, and no short side.
enum AssetKind {
    /// Collateral.
    Spot,
    /// Long or short, with funding.
    Perpetual,
    /// Long or short. The long side bears a haircut, the short side what its own price or its underlying asks for.
    Option
}

/// @notice The entry of one slot of the book.
struct Asset {
    /// Its name, left-aligned ASCII; 0 in an empty slot.
    bytes32 symbol;
    /// Never changes once the asset is listed, as decimals, underlying and strike.
    AssetKind kind;
    /// Digits after the point: of the token for spot, at most 18; 9 for a derivative, whose unit is that of balances.
    uint8 decimals;
    /// Maintenance margin fraction [ppm of the price], above 0: of spot the haircut, of an option that of its long side.
    uint24 maintenancePpm;
    /// Initial margin fraction [ppm of the price], not below the maintenance one.
    uint24 initialPpm;
    /// Of an option's short side [ppm of the option's price], not below that of the long side; 0 for other assets.
    uint24 shortMaintenancePpm;
    /// The same for initial margin.
    uint24 shortInitialPpm;
    /// Of an option's short side too [ppm of the underlying's price; of a put of the strike, if that is more], above 0: the
    /// larger of the two margins counts. 0 for other assets.
    uint24 underlyingMaintenancePpm;
    /// The same for initial margin.
    uint24 underlyingInitialPpm;
    /// The least that the maintenance fraction may be [ppm].
    uint24 floorPpm;
    /// The most that any fraction may be [ppm], at most 1e6.
    uint24 ceilingPpm;
    /// The slot of the asset that an option is on; 0 for other assets.
    uint8 underlying;
    /// How far the price may move in a minute [ppm of the price], above 0.
    uint32 deviationPpm;
    /// The strike of a put [1e-9 USD]; 0 for everything else.
    uint64 strike;
    /// How far the price may move in a minute whatever it is [1e-9 USD]: the larger of the two limits counts.
    uint64 deviationAmount;
    /// The least price that counts [1e-9 USD]: 10,000 or more, so that a price has five digits; an option may have 0.
    uint64 leastPrice;
    /// The greatest price that counts [1e-9 USD], not below the least one; above 0.
    uint64 greatestPrice;
    /// When it expires, Unix seconds; 0 for never, as for spot. It never changes, except that `delist` sets it.
    uint40 expiresAt;
}

/// @notice What makes a price the margin of a slot. All zero in an empty slot.
struct MarginFractions {
    /// d = ceil(p * fraction / 1e6) [ppm].
    uint24 maintenancePpm;
    /// The same for initial margin [ppm], not below it.
    uint24 initialPpm;
    /// d + x of an option is at least ceil(p * fraction / 1e6) [ppm]; 0 for other assets, whose x is 0.
    uint24 shortMaintenancePpm;
    /// The same for initial margin [ppm].
    uint24 shortInitialPpm;
    /// And at least ceil(max(u, strike) * fraction / 1e6), u the price of the underlying [ppm].
    uint24 underlyingMaintenancePpm;
    /// The same for initial margin [ppm].
    uint24 underlyingInitialPpm;
    /// The slot of the underlying.
    uint8 underlying;
    /// [1e-9 USD]; 0 for a call.
    uint64 strike;
}

/// @notice Which prices of a slot count. All zero in an empty slot, and greatestPrice only there.
struct PriceLimits {
    /// How far the price may move in a minute [ppm of the price].
    uint32 deviationPpm;
    /// How far it may move in a minute whatever it is [1e-9 USD].
    uint64 deviationAmount;
    /// [1e-9 USD]
    uint64 leastPrice;
    /// [1e-9 USD], not below the least price.
    uint64 greatestPrice;
}

/// @notice What a price round takes from the entry of a slot.
struct SlotParameters {
    /// What makes a price a margin.
    MarginFractions margins;
    /// Which prices count.
    PriceLimits limits;
    /// When the asset expires, Unix seconds; 0 for never.
    uint40 expiresAt;
}

/// @title IRiskParameters
/// @notice The assets of one book, with margin fractions within bounds. What loosens waits; what tightens need not.
///
///         Governance announces the new entry of a slot (a listing, other fractions, other bounds), and may execute it
///         once the delay has passed: accounts that do not agree have that long to leave. A steward may raise the
///         fractions of an asset at once, up to its ceiling: that withdraws an announcement for the slot, which was
///         made before whatever the steward saw.
///
///         An asset may expire: an option at its listing says when, and governance may delist any other derivative with notice,
///         once for all; until it expires no account grows in it. Once it has settled (IExpiries) governance may list
///         another asset in its slot, announced like any change, before or after the expiry. A symbol is used once. An
///         option settles before its underlying.
///
///         Every change makes a new version, and a version never changes: a price round names the one it was posted at.
interface IRiskParameters {
    /// @notice Thrown at deployment when the book is empty, larger than any statement, or given more assets than slots.
    /// @param count The slots, or the assets, as given.
    error WrongAssetCount(uint256 count);

    /// @notice Thrown at deployment when the delay is not from `MIN_DELAY` to `MAX_DELAY`.
    /// @param delay As given, seconds.
    error DelayOutOfRange(uint256 delay);

    /// @notice Thrown when the book has no such slot.
    /// @param slot As given; N or more.
    error UnknownSlot(uint256 slot);

    /// @notice Thrown when a slot has no asset.
    /// @param slot As given.
    error EmptySlot(uint256 slot);

    /// @notice Thrown when an asset has no symbol.
    /// @param slot Where it would be listed.
    error SymbolMissing(uint256 slot);

    /// @notice Thrown when another slot has the symbol.
    /// @param symbol Left-aligned ASCII.
    error SymbolTaken(bytes32 symbol);

    /// @notice Thrown when an entry would turn a slot into another asset: balances of the old one would become balances
    ///         of the new one.
    /// @param slot Whose asset would change.
    error AssetIsAnother(uint256 slot);

    /// @notice Thrown when an asset would expire in the past, spot would expire, or what has an expiry would be delisted.
    /// @param slot As given.
    error CannotExpire(uint256 slot);

    /// @notice Thrown when the notice of a delisting is shorter than `delay`.
    /// @param earliest The first second at which the asset can expire, Unix.
    error NoticeTooShort(uint64 earliest);

    /// @notice Thrown when an option would not settle before its underlying.
    /// @param option The slot of the option.
    error OutlivesUnderlying(uint256 option);

    /// @notice Thrown when decimals are neither those of a token that the book can hold nor those of a derivative.
    /// @param slot Where it would be listed.
    error DecimalsOutOfRange(uint256 slot);

    /// @notice Thrown at deployment unless lambdaInitialPpm < lambdaMaintenancePpm <= 1e5.
    error LambdasOutOfRange();

    /// @notice Thrown unless floor <= maintenance <= initial <= ceiling <= 1e6 ppm with a maintenance above 0, and for an
    ///         option unless each fraction of its short side is ordered so too, and covers that of its long side.
    /// @param slot Whose entry it would be.
    error FractionsOutOfBounds(uint256 slot);

    /// @notice Thrown when an entry that is no option has a field of options.
    /// @param slot Whose entry it would be.
    error NoOption(uint256 slot);

    /// @notice Thrown when an option has no underlying: the slot named is empty or holds an option.
    /// @param slot Whose entry it would be.
    error UnderlyingMissing(uint256 slot);

    /// @notice Thrown when the least price is above the greatest one, or has fewer than five digits although the asset is
    ///         no option.
    /// @param slot Whose entry it would be.
    error PricesOutOfBounds(uint256 slot);

    /// @notice Thrown when no round could ever move a price: its limit is 0, at every price or at a price of 0.
    /// @param slot Whose entry it would be.
    error DeviationMissing(uint256 slot);

    /// @notice Thrown when prices may move by more than a third of the initial margin in a minute, at some price that the
    ///         slot may have. Of an option that of the short side counts.
    /// @param slot Whose limit is too wide: the slot that changes, or an option on it.
    error DeviationTooWide(uint256 slot);

    /// @notice Thrown when a steward lowers a fraction, or changes none.
    /// @param slot As given.
    error NotTighter(uint256 slot);

    /// @notice Thrown when nothing is announced for a slot.
    /// @param slot As given.
    error NothingAnnounced(uint256 slot);

    /// @notice Thrown when an announced change is executed before its delay has passed.
    /// @param executableAt The first second at which it can be executed, Unix.
    error TooEarly(uint64 executableAt);

    /// @notice Thrown when an announced change is executed more than `EXECUTION_WINDOW` after that.
    /// @param expiredAt The last second at which it could be executed, Unix.
    error TooLate(uint64 expiredAt);

    /// @notice Thrown when there is no version of that number (yet).
    /// @param version As given.
    error UnknownVersion(uint32 version);

    /// @notice The entry of a slot changed, first by being listed.
    /// @param slot From 0 to N - 1.
    /// @param version The first version with the entry.
    /// @param asset The entry from now on.
    event AssetChanged(uint256 indexed slot, uint32 indexed version, Asset asset);

    /// @notice Governance announced an entry.
    /// @param slot From 0 to N - 1.
    /// @param executableAt The first second at which it can be executed, Unix.
    /// @param asset The entry to come.
    event ChangeAnnounced(uint256 indexed slot, uint64 executableAt, Asset asset);

    /// @notice An announced entry will not come: cancelled, replaced by another announcement, or overtaken by a steward.
    /// @param slot From 0 to N - 1.
    event ChangeCancelled(uint256 indexed slot);

    /// @notice Governance delists an asset: it expires, and until then no account grows in it.
    /// @param slot From 0 to N - 1.
    /// @param expiresAt When it expires, Unix seconds.
    event Delisted(uint256 indexed slot, uint40 expiresAt);

    /// @notice Announces the entry of a slot. Replaces what was announced for it. Only governance.
    /// @param slot From 0 to N - 1.
    /// @param entry All of it, within the bounds of `Asset`; symbol, kind, decimals, underlying, strike and expiry of a listed
    ///        asset as they are. Another symbol is another asset, for a slot whose asset expires: it has to have settled when
    ///        the change is executed.
    function announce(uint256 slot, Asset calldata entry) external;

    /// @notice Withdraws what was announced for a slot. Only governance.
    /// @param slot One with an announcement.
    function cancel(uint256 slot) external;

    /// @notice Makes the announced entry of a slot the present one. Only governance.
    /// @param slot One with an announcement that is due.
    function execute(uint256 slot) external;

    /// @notice Raises the fractions of an asset at once, and withdraws what was announced for it. Only a steward.
    /// @param slot One with an asset.
    /// @param fractions None below the present one nor above the ceiling, and one of them above; underlying and strike as
    ///        they are.
    function tighten(uint256 slot, MarginFractions calldata fractions) external;

    /// @notice Delists a derivative that has no expiry, for ever, and withdraws what was announced for it. Only governance.
    /// @param slot One with such an asset, on which no option stays longer.
    /// @param expiresAt When it expires, Unix seconds: `delay` from now at least.
    function delist(uint256 slot, uint40 expiresAt) external;

    /// @notice The size of the book, for ever.
    /// @return N, its slots: 1 to 58.
    function assetCount() external view returns (uint256);

    /// @notice How long an announced change waits, for ever.
    /// @return Seconds, from `MIN_DELAY` to `MAX_DELAY`.
    function delay() external view returns (uint64);

    /// @notice The present version.
    /// @return Counts from 1 without gaps.
    function version() external view returns (uint32);

    /// @notice How much of its spot an account may owe in the settlement currency when it increases its risk or takes
    ///         money out, for ever.
    /// @return [ppm of the spot's value], below `lambdaMaintenancePpm`.
    function lambdaInitialPpm() external view returns (uint24);

    /// @notice How much of its spot an account may owe in the settlement currency before its debt is called, for ever.
    /// @return [ppm of the spot's value], at most 1e5.
    function lambdaMaintenancePpm() external view returns (uint24);

    /// @notice What price rounds posted at a version use.
    /// @param version_ From 1 to the present one.
    /// @return An item for each slot; all zero for an empty one.
    function parametersAt(uint32 version_) external view returns (SlotParameters[] memory);

    /// @notice The same as bytes, as PackedParameters reads them: what price sources take.
    /// @param version_ From 1 to the present one.
    /// @return Four bitmaps of slots, then 61 bytes a slot.
    function packedParametersAt(uint32 version_) external view returns (bytes memory);

    /// @notice The present entry of a slot.
    /// @param slot Any number.
    /// @return The entry; all zero in an empty slot, and from N on.
    function asset(uint256 slot) external view returns (Asset memory);

    /// @notice What is announced for a slot.
    /// @param slot Any number.
    /// @return entry The entry to come; all zero when nothing is announced.
    /// @return executableAt The first second at which it can be executed, Unix; 0 when nothing is announced.
    function announced(uint256 slot) external view returns (Asset memory entry, uint64 executableAt);

    /// @notice Where assets settle at their expiry.
    /// @return The contract, for ever.
    function expiries() external view returns (IExpiries);

    /// @notice The slots whose asset will be delisted, or was and was not replaced, bit i for slot i.
    /// @return The bitmap, below 2^N.
    function delistedSlots() external view returns (uint64);

    /// @notice The slots that hold a spot asset at a version, bit i for slot i.
    /// @param version_ From 1 to the present one.
    /// @return The bitmap, below 2^N.
    function spotAssetsAt(uint32 version_) external view returns (uint256);
}
