// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @dev A feed of 18 digits after the point that does not answer as a feed should.
abstract contract BadFeed {
    error NoAnswer();

    function decimals() external pure returns (uint8) {
        return 18;
    }
}

contract RevertingFeed is BadFeed {
    function latestRoundData() external pure {
        revert NoAnswer();
    }
}

/// @dev Four words in place of five.
contract ShortFeed is BadFeed {
    function latestRoundData() external view returns (uint80, int256, uint256, uint256) {
        return (1, 3500e18, block.timestamp, block.timestamp);
    }
}

/// @dev Uses up whatever gas it gets.
contract BurningFeed is BadFeed {
    function latestRoundData() external pure {
        uint256 work = 1;
        while (work != 0) {
            work = uint256(keccak256(abi.encode(work)));
        }
    }
}

/// @dev Answers as it should, and then with as many zeros as its gas pays for.
contract LongFeed is BadFeed {
    int256 private immutable _price;

    constructor(int256 price) {
        _price = price;
    }

    function latestRoundData() external view {
        int256 price = _price;
        assembly ("memory-safe") {
            let start := mload(0x40)
            mstore(start, 1)
            mstore(add(start, 0x20), price)
            mstore(add(start, 0x40), timestamp())
            mstore(add(start, 0x60), timestamp())
            mstore(add(start, 0x80), 1)
            return(start, 100000)
        }
    }
}

/// @dev Answers only when it gets nearly all of its share of gas.
contract GasMeterFeed is BadFeed {
    int256 private immutable _price;
    uint256 private immutable _least;

    constructor(int256 price, uint256 share) {
        (_price, _least) = (price, share - 1000);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        if (gasleft() < _least) revert NoAnswer();
        return (1, _price, block.timestamp, block.timestamp, 1);
    }
}
