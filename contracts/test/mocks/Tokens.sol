// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev A well-behaved token with any decimals, free for all.
contract TestToken is ERC20 {
    uint8 private immutable _decimals;

    constructor(string memory symbol, uint8 decimals_) ERC20(symbol, symbol) {
        _decimals = decimals_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external {
        _burn(from, amount);
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }
}

/// @dev Keeps a hundredth of what is sent to or by some account, at the receiver's expense or on top.
contract FeeToken is TestToken {
    bool public onTop;
    address public charged;

    constructor() TestToken("FEE", 6) {}

    function charge(address account, bool onTop_) external {
        (charged, onTop) = (account, onTop_);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from == address(0) || to == address(0) || charged == address(0)) return;
        if (!onTop && to == charged) super._update(to, address(0), amount / 100);
        if (onTop && from == charged) super._update(from, address(0), amount / 100);
    }
}

/// @dev Says false instead of moving anything.
contract FalseToken is TestToken {
    bool public isFalse;

    constructor() TestToken("FALSE", 6) {}

    function turnFalse() external {
        isFalse = true;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !isFalse && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !isFalse && super.transferFrom(from, to, amount);
    }
}

/// @dev Says nothing, like the oldest of them.
contract SilentToken {
    uint8 public decimals = 6;
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @dev Keeps shares, and says how much they are worth: balances change without a transfer, both up and down. A transfer
///      moves whole shares, rounded down, as such tokens do.
contract ShareToken {
    uint256 public constant PAR = 1e9;

    uint8 public decimals = 6;
    uint256 public worth = PAR;
    mapping(address account => uint256) public sharesOf;

    /// @dev What PAR shares are worth from now on.
    function rebase(uint256 worth_) external {
        worth = worth_;
    }

    function mint(address to, uint256 amount) external {
        sharesOf[to] += amount * PAR / worth;
    }

    function approve(address, uint256) external pure returns (bool) {
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return move(from, to, amount);
    }

    function balanceOf(address account) external view returns (uint256) {
        return sharesOf[account] * worth / PAR;
    }

    function move(address from, address to, uint256 amount) private returns (bool) {
        uint256 shares = amount * PAR / worth;
        sharesOf[from] -= shares;
        sharesOf[to] += shares;
        return true;
    }
}

/// @dev Calls something in the middle of every transfer, once.
contract ReentrantToken is TestToken {
    address private _target;
    bytes private _call;
    bool public succeeded;
    bytes public answer;

    constructor() TestToken("AGAIN", 6) {}

    function callBack(address target, bytes calldata call_) external {
        (_target, _call) = (target, call_);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (_target == address(0)) return;
        address target = _target;
        _target = address(0);
        // solhint-disable-next-line avoid-low-level-calls
        (succeeded, answer) = target.call(_call);
    }
}

/// @dev Refuses transfers to some accounts, in one of several ways.
contract BlockingToken is TestToken {
    enum How {
        Pays,
        Reverts,
        BurnsItsGas,
        RevertsWithALot,
        NeedsMuchGas
    }

    mapping(address account => How) private _how;

    error Blocked();

    constructor() TestToken("BLOCK", 6) {}

    function setBlocked(address account, How how) external {
        _how[account] = how;
    }

    function _update(address from, address to, uint256 amount) internal override {
        How how = _how[to];
        if (how == How.Reverts) revert Blocked();
        // solhint-disable no-empty-blocks
        while (how == How.BurnsItsGas) {}
        if (how == How.NeedsMuchGas) {
            if (amount == 1) revert Blocked();
            uint256 gas = gasleft();
            while (gas - gasleft() < 260_000) {}
        }
        // solhint-enable no-empty-blocks
        if (how == How.RevertsWithALot) {
            assembly {
                revert(0, 100000)
            }
        }
        super._update(from, to, amount);
    }
}

/// @dev A second address of a token, like the ones that some tokens have kept after a move: it moves the same balances.
contract SecondAddress {
    SharedToken private immutable _token;

    constructor(SharedToken token) {
        _token = token;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _token.moveFor(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        return _token.moveFor(from, to, amount);
    }

    function decimals() external view returns (uint8) {
        return _token.decimals();
    }

    function balanceOf(address account) external view returns (uint256) {
        return _token.balanceOf(account);
    }
}

/// @dev A token with two addresses.
contract SharedToken is TestToken {
    SecondAddress public immutable secondAddress;

    error NotTheSecondAddress();

    constructor() TestToken("TWO", 6) {
        secondAddress = new SecondAddress(this);
    }

    function moveFor(address from, address to, uint256 amount) external returns (bool) {
        if (msg.sender != address(secondAddress)) revert NotTheSecondAddress();
        _transfer(from, to, amount);
        return true;
    }
}
